//! Who somebody is: passwords, opaque tokens, signed access tokens, the throttle on guessing.
//!
//! Pure computation. No I/O, no database, no HTTP; time and randomness are parameters.

pub mod access;
pub mod device;
pub mod email;
pub mod password;
pub mod throttle;
pub mod token;
