//! Mail to people: verification, password reset, invitation.
//!
//! Sending happens behind a bounded queue, so that how long a mail server takes says nothing about whether an account exists.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::mpsc;

/// The log target of mails when no mail server is configured. The only place where links are logged.
pub const LOG_TARGET: &str = "canopy::mail";

/// Mails waiting to be sent; over it they are dropped and counted.
const QUEUE: usize = 1_000;
/// How often a mail is tried.
const TRIES: u32 = 4;

/// One mail, plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The body.
    pub text: String,
}

/// Why a mail can't be sent or mail can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// `mail.from` or a recipient is no address.
    #[error("not a mail address: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The mail can't be built.
    #[error("the mail can't be built: {0}")]
    Build(#[from] lettre::error::Error),
    /// The mail server is unreachable or refuses.
    #[error("the mail server refused: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// Hands a mail over to whoever delivers it.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Hands one mail over.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: Arc<dyn Transport>,
    delivers: bool,
}

impl Mailer {
    /// Through an SMTP server. `url` as lettre reads it (`smtps://user:password@host`, `smtp://host:587?tls=required`), `from` as
    /// `Canopy <canopy@example.com>`.
    ///
    /// # Errors
    /// When the URL or the address can't be read.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        let from = from.parse()?;
        Ok(Self {
            transport: Arc::new(Smtp { smtp, from }),
            delivers: true,
        })
    }

    /// Without a mail server: what would be sent is logged for the administrator under [`LOG_TARGET`].
    pub fn log() -> Self {
        Self {
            transport: Arc::new(Log),
            delivers: false,
        }
    }

    /// Into a channel, for tests.
    pub fn memory() -> (Self, mpsc::UnboundedReceiver<Mail>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mailer = Self {
            transport: Arc::new(Memory(sender)),
            delivers: true,
        };
        (mailer, receiver)
    }

    /// Whether mail reaches people, rather than the administrator's log.
    pub fn delivers(&self) -> bool {
        self.delivers
    }

    /// Starts the task that sends, and gives the queue to it. The task ends when every queue handle is gone.
    pub(crate) fn start(self) -> MailQueue {
        let (sender, mut receiver) = mpsc::channel::<Mail>(QUEUE);
        let delivers = self.delivers;
        tokio::spawn(async move {
            while let Some(mail) = receiver.recv().await {
                self.deliver(&mail).await;
            }
        });
        MailQueue { sender, delivers }
    }

    async fn deliver(&self, mail: &Mail) {
        for attempt in 0..TRIES {
            match self.transport.send(mail).await {
                Ok(()) => return,
                Err(error @ (MailError::Address(_) | MailError::Build(_))) => {
                    tracing::warn!(%error, subject = %mail.subject, "a mail can't be sent");
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, attempt, subject = %mail.subject, "a mail was not sent");
                    tokio::time::sleep(Duration::from_secs(1 << (2 * attempt))).await;
                }
            }
        }
        metrics::counter!("canopy_mails_failed_total").increment(1);
    }
}

/// Where operations leave mails.
#[derive(Clone)]
pub(crate) struct MailQueue {
    sender: mpsc::Sender<Mail>,
    delivers: bool,
}

impl MailQueue {
    /// Leaves a mail to be sent. Never waits.
    pub(crate) fn send(&self, mail: Mail) {
        if self.sender.try_send(mail).is_err() {
            metrics::counter!("canopy_mails_failed_total").increment(1);
            tracing::warn!("the queue of mails is full; one was dropped");
        }
    }

    pub(crate) fn delivers(&self) -> bool {
        self.delivers
    }
}

struct Smtp {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    from: lettre::message::Mailbox,
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(mail.to.parse()?)
            .subject(&mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())?;
        self.smtp.send(message).await?;
        Ok(())
    }
}

struct Log;

#[async_trait]
impl Transport for Log {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        tracing::info!(
            target: LOG_TARGET,
            to = %mail.to,
            subject = %mail.subject,
            text = %mail.text,
            "no mail server is configured; pass this on yourself"
        );
        Ok(())
    }
}

struct Memory(mpsc::UnboundedSender<Mail>);

#[async_trait]
impl Transport for Memory {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        // A test that has dropped its mailbox doesn't want the mail.
        let _ = self.0.send(mail.clone());
        Ok(())
    }
}

/// The texts.
pub(crate) mod letters {
    use super::Mail;

    pub(crate) fn reset(to: &str, link: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Set a new password for Canopy".into(),
            text: format!(
                "Somebody asked to set a new password for this address.\n\nTo set it, open this link within an hour:\n{link}\n\n\
                 If it wasn't you, ignore this mail; nothing has changed.\n"
            ),
        }
    }

    pub(crate) fn password_changed(to: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Your Canopy password was changed".into(),
            text: "The password of your Canopy account was changed, and other devices were signed out.\n\n\
                   If it wasn't you, set a new one at once with \"Forgot password\" and tell your administrator.\n"
                .into(),
        }
    }

    pub(crate) fn verify(to: &str, link: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Confirm your e-mail address for Canopy".into(),
            text: format!("To confirm that this address is yours, open this link:\n{link}\n"),
        }
    }

    pub(crate) fn email_change(to: &str, link: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Confirm your new e-mail address for Canopy".into(),
            text: format!(
                "Somebody asked to make this the address of their Canopy account.\n\nIf it was you, open this link within a day:\n{link}\n\n\
                 If it wasn't you, ignore this mail; nothing has changed.\n"
            ),
        }
    }

    pub(crate) fn email_change_asked(to: &str, new: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "Your Canopy account is about to get another e-mail address".into(),
            text: format!(
                "Somebody who knows your password asked to change the address of your Canopy account to {new}. It changes when that address is \
                 confirmed.\n\nIf it wasn't you, change your password at once: that stops it. Then tell your administrator.\n"
            ),
        }
    }

    pub(crate) fn email_changed(to: &str, new: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "The e-mail address of your Canopy account was changed".into(),
            text: format!(
                "The address of your Canopy account is {new} now. Sign in with that one.\n\n\
                 If it wasn't you, tell your administrator at once.\n"
            ),
        }
    }

    pub(crate) fn token_made(to: &str, name: &str) -> Mail {
        Mail {
            to: to.into(),
            subject: "A personal access token was made for your Canopy account".into(),
            text: format!(
                "With the token \"{name}\" a script can act for you in Canopy.\n\n\
                 If it wasn't you, revoke it in your account's settings and change your password.\n"
            ),
        }
    }

    pub(crate) fn invitation(to: &str, inviter: &str, organization: &str, link: &str) -> Mail {
        // Names are people's own words: one line, so that they can't write the rest of the mail.
        let line = |text: &str| text.replace(char::is_control, " ");
        let (inviter, organization) = (line(inviter), line(organization));
        Mail {
            to: to.into(),
            subject: format!("{inviter} invites you to {organization} on Canopy"),
            text: format!(
                "{inviter} invites you to join {organization} on Canopy.\n\nTo join, open this link:\n{link}\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queued_mail_is_delivered() {
        let (mailer, mut mailbox) = Mailer::memory();
        assert!(mailer.delivers());
        let queue = mailer.start();
        let mail = letters::invitation("b@x", "Ada\nBcc: z@x", "Engines", "https://c/invite/t");
        assert!(!mail.subject.contains('\n'));
        queue.send(mail.clone());
        assert_eq!(mailbox.recv().await, Some(mail));
    }

    /// A mail server for one mail: gives what it was told.
    async fn sink() -> (std::net::SocketAddr, tokio::task::JoinHandle<String>) {
        use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let told = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let mut told = String::new();
            let mut in_data = false;
            writer.write_all(b"220 sink\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                told.push_str(&line);
                told.push('\n');
                let answer: &[u8] = match line.as_str() {
                    "." => {
                        in_data = false;
                        b"250 kept\r\n"
                    }
                    _ if in_data => continue,
                    "DATA" => {
                        in_data = true;
                        b"354 go on\r\n"
                    }
                    "QUIT" => b"221 bye\r\n",
                    _ => b"250 ok\r\n",
                };
                writer.write_all(answer).await.unwrap();
                if answer.starts_with(b"250 kept") {
                    break;
                }
            }
            told
        });
        (address, told)
    }

    #[tokio::test]
    async fn a_mail_goes_out_by_smtp() {
        let (address, told) = sink().await;
        let mailer = Mailer::smtp(&format!("smtp://{address}"), "Canopy <c@example.com>").unwrap();
        assert!(mailer.delivers());
        mailer.start().send(letters::reset(
            "ada@example.com",
            "https://c.example/reset?token=t",
        ));
        let told = tokio::time::timeout(Duration::from_secs(20), told)
            .await
            .unwrap()
            .unwrap();
        for expected in [
            "MAIL FROM:<c@example.com>",
            "RCPT TO:<ada@example.com>",
            "Subject: Set a new password for Canopy",
            "https://c.example/reset?token=t",
        ] {
            assert!(told.contains(expected), "{expected} in {told}");
        }
    }

    #[tokio::test]
    async fn smtp_settings_are_read_or_refused() {
        assert!(Mailer::smtp("smtp://localhost:2525", "Canopy <c@example.com>").is_ok());
        assert!(Mailer::smtp("http://localhost", "c@example.com").is_err());
        assert!(Mailer::smtp("smtp://localhost", "nobody").is_err());
        assert!(!Mailer::log().delivers());
    }
}
