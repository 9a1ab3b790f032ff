//! How the desk sends e-mail, as the command line and the environment say.

use crate::mail::Mailer;
use anyhow::anyhow;
use clap::Args;

#[derive(Args, Debug, Clone)]
pub struct Mailing {
    /// The mail server that notifications go through: smtp://HOST:PORT, smtps://USER:PASSWORD@HOST,
    /// smtp://USER:PASSWORD@HOST:587?tls=required; without one nobody is told by e-mail
    #[arg(long, env = "LULL_SMTP_URL", hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// Whom mails come from; without one it is lull@ the host of --public-url
    #[arg(long, env = "LULL_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Where people open the desk, for links in mails; without one it is the address it listens on
    #[arg(long, env = "LULL_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl Mailing {
    /// The mailer, if there is a mail server. `listen` is where the desk is without a public address.
    pub fn open(&self, listen: &str) -> anyhow::Result<Option<Mailer>> {
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let Some(url) = given(&self.smtp_url) else { return Ok(None) };
        let public = given(&self.public_url).unwrap_or_else(|| format!("http://{listen}"));
        let from = given(&self.mail_from).unwrap_or_else(|| format!("Lull <lull@{}>", host(&public)));
        let mailer = Mailer::new(&url, &from, &public).map_err(|why| {
            anyhow!("e-mail (--smtp-url, --mail-from, --public-url, or LULL_SMTP_URL, LULL_MAIL_FROM, LULL_PUBLIC_URL): {why}")
        })?;
        Ok(Some(mailer))
    }
}

/// A host that can stand in a mail address: an address of numbers cannot.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    if host.contains(|c: char| c.is_ascii_alphabetic()) { host } else { "localhost" }
}
