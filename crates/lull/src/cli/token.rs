//! `lull token`.

use super::{Database, refused};
use crate::acts::Caller;
use crate::acts::tokens::CreateToken;
use crate::http::api::tokens::PREFIX;
use crate::http::fields;
use crate::random::Secret;
use anyhow::{Context, anyhow};
use clap::Args;
use domain::message::NAME_CHARS;

#[derive(Args)]
pub struct Token {
    #[command(flatten)]
    database: Database,
    /// The member it acts as
    #[arg(long, env = "LULL_EMAIL", value_name = "E")]
    email: String,
    /// What the token is for
    #[arg(long, env = "LULL_NAME", value_name = "N")]
    name: String,
}

impl Token {
    pub async fn run(self) -> anyhow::Result<()> {
        let name = fields::short(NAME_CHARS)(&self.name).map_err(|e| anyhow!("--name: {}", e.1))?;
        let none = format!("no active member has the e-mail address {}", self.email);
        let email = fields::email(&self.email).map_err(|e| anyhow!("--email: {}", e.1))?;
        let db = self.database.open_existing().await?;
        let found = db.read(move |tx| Box::pin(async move { store::agents::by_email(tx, &email).await })).await?;
        let agent = found.filter(|a| a.active).context(none)?;
        let secret = Secret::new(PREFIX);
        let caller = Caller::engine(agent.workspace);
        let act = CreateToken { caller, name, role: Some(agent.role), agent: Some(agent.id), hash: secret.hash() };
        db.write(act).await?.map_err(refused)?;
        println!("{}", secret.reveal());
        Ok(())
    }
}
