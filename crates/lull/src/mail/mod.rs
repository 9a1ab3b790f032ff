//! Telling people by e-mail: where mails go, and one attempt to hand one over.
//!
//! What is to be sent stands in the database (`store::mails`), so nothing is lost with a process; the engine's task
//! `send_mails` claims it and asks here. Nothing of what a server says is logged: its answers hold addresses (T4).

mod letter;

use crate::clock::within;
use domain::time::Timestamp;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::mails::Mail;

/// Longest wait for a connection.
const CONNECTED_IN: Duration = Duration::from_secs(10);
/// Longest wait for the whole of a delivery: a server may take the connection and then say nothing.
const PATIENCE: Duration = Duration::from_secs(25);
const TOO_SLOW: &str = "the mail server did not answer in time";

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// The server cannot be reached: others would fare the same.
    Away(String),
    /// The server does not take this mail now.
    NotNow(String),
    /// It never will.
    Never(String),
}

impl Unsent {
    pub fn why(&self) -> &str {
        match self {
            Unsent::Away(why) | Unsent::NotNow(why) | Unsent::Never(why) => why,
        }
    }
}

/// How mails leave the desk.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    patience: Duration,
    from: Mailbox,
    /// Where people open the desk, without a slash at the end.
    public_url: String,
    /// Why the last attempt failed, while that is so.
    trouble: Mutex<Option<String>>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer")
    }
}

impl Mailer {
    /// Reads where to send; nobody is connected to yet. What is wrong is told without the address, which may hold a password.
    pub fn new(smtp_url: &str, from: &str, public_url: &str) -> Result<Mailer, String> {
        let scheme = smtp_url.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("smtp" | "smtps")) {
            return Err("the address of the mail server must be smtp://HOST:PORT, smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST?tls=required".to_owned());
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|_| "the address of the mail server cannot be read: smtp://HOST:PORT, smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST?tls=required (special characters of a password as %XX)".to_owned())?;
        let from: Mailbox =
            from.parse().map_err(|_| "the sender must be an address such as Lull <desk@example.com>".to_owned())?;
        let public_url = public_url.trim_end_matches('/').to_owned();
        let host = public_url.strip_prefix("https://").or(public_url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control())) {
            return Err("the desk's own address must begin with https:// or http://".to_owned());
        }
        let transport = builder.timeout(Some(CONNECTED_IN)).build();
        Ok(Mailer { transport, patience: PATIENCE, from, public_url, trouble: Mutex::default() })
    }

    /// Hands one mail over.
    pub async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        let letter = letter::write(mail, &self.from, &self.public_url).map_err(Unsent::Never)?;
        let outcome = match within(self.patience, self.transport.send(letter)).await {
            Some(sent) => sent.map(|_| ()).map_err(|error| unsent(&error)),
            None => Err(Unsent::Away(TOO_SLOW.to_owned())),
        };
        *self.trouble() = outcome.as_ref().err().filter(|e| !matches!(e, Unsent::Never(_))).map(|e| e.why().to_owned());
        outcome
    }

    fn trouble(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why mails do not leave at the moment.
    pub fn troubled(&self) -> Option<String> {
        self.trouble().clone()
    }

    /// Asks the server whether it answers.
    pub async fn try_out(&self) -> Result<(), String> {
        match within(self.patience, self.transport.test_connection()).await {
            Some(Ok(true)) => Ok(()),
            Some(Ok(false)) => Err("the mail server does not answer".to_owned()),
            Some(Err(error)) => Err(unsent(&error).why().to_owned()),
            None => Err(TOO_SLOW.to_owned()),
        }
    }
}

/// What went wrong, in our words alone.
fn unsent(error: &SmtpError) -> Unsent {
    let code = error.status().map_or_else(String::new, |code| format!(" ({code})"));
    if error.is_permanent() {
        // Whoever must not send at all is not refused for this one mail.
        return match error.status().map(u16::from) {
            Some(530 | 534 | 535 | 538) => Unsent::Away(format!("the mail server does not let the desk in{code}")),
            _ => Unsent::Never(format!("the mail server refuses it{code}")),
        };
    }
    if error.is_transient() {
        return Unsent::NotNow(format!("the mail server does not take it now{code}"));
    }
    Unsent::Away(match error {
        e if e.is_timeout() => TOO_SLOW.to_owned(),
        e if e.is_tls() => "no secure connection to the mail server".to_owned(),
        e if e.is_client() => "the mail server cannot do what it is asked for".to_owned(),
        e if e.is_response() => "the mail server answers what cannot be understood".to_owned(),
        _ => "the mail server cannot be reached".to_owned(),
    })
}

/// Names a moment for a mail's date.
fn moment(at: Timestamp) -> std::time::SystemTime {
    std::time::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.as_micros()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
