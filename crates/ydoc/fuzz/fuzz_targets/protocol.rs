#![no_main]

#[allow(dead_code, unreachable_pub, reason = "each target uses its part")]
#[path = "../../tests/common/exercise.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|data: &[u8]| exercise::check_protocol(data));
