//! `lull create-owner`.

use super::{Database, refused};
use crate::acts::workspaces::CreateOwner as Act;
use crate::http::{fields, password};
use anyhow::{Context, bail};
use clap::Args;
use domain::message::NAME_CHARS;
use domain::permission::Plan;
use std::io::BufRead;

#[derive(Args)]
pub struct CreateOwner {
    #[command(flatten)]
    database: Database,
    /// The workspace's name; made if it is not there
    #[arg(long, env = "LULL_WORKSPACE", value_name = "NAME")]
    workspace: String,
    /// The owner's e-mail address
    #[arg(long, env = "LULL_EMAIL", value_name = "E")]
    email: String,
    /// The owner's name
    #[arg(long, env = "LULL_NAME", value_name = "N")]
    name: String,
    /// standard, professional, advanced or enterprise, for a new workspace
    #[arg(long, env = "LULL_PLAN", value_name = "P")]
    plan: Option<String>,
    /// Read the password from standard input (its first line)
    #[arg(long, env = "LULL_PASSWORD_STDIN", value_parser = clap::builder::FalseyValueParser::new())]
    password_stdin: bool,
}

impl CreateOwner {
    pub async fn run(self) -> anyhow::Result<()> {
        let mut wrong = Vec::new();
        let mut note = |field: &str, fault: (&'static str, String)| wrong.push(format!("{field}: {}", fault.1));
        let short = fields::short(NAME_CHARS);
        let workspace = short(&self.workspace).map_err(|e| note("--workspace", e)).unwrap_or_default();
        let name = short(&self.name).map_err(|e| note("--name", e)).unwrap_or_default();
        let email = fields::email(&self.email).map_err(|e| note("--email", e)).unwrap_or_default();
        let plan: Option<Plan> = match self.plan.as_deref().map(fields::word).transpose() {
            Ok(plan) => plan,
            Err(e) => {
                note("--plan", e);
                None
            }
        };
        if !self.password_stdin {
            note("--password-stdin", ("required", "give it, and the password on standard input".to_owned()));
        }
        if !wrong.is_empty() {
            bail!(wrong.join("; "));
        }
        let password = first_line().context("no password on standard input")?;
        let length = password.chars().count();
        if !(password::LEAST..=password::MOST).contains(&length) {
            bail!("the password must have {} to {} characters", password::LEAST, password::MOST);
        }
        let db = self.database.open().await?;
        let password_hash = password::hash_now(&password).map_err(anyhow::Error::msg)?;
        let act = Act { workspace: workspace.clone(), plan, name, email, password_hash };
        let owner = db.write(act).await?.map_err(refused)?;
        println!("{} owns {workspace}", owner.name);
        Ok(())
    }
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
