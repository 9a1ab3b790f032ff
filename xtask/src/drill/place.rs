//! Where a drill takes place: a workspace with a few queues and channels, two nodes, and a connection of our own.

use super::node::{self, Node};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

pub const THRESHOLD_MINUTES: i64 = 60;
pub const WINDOW_MINUTES: i64 = 5_760;
pub const MINUTE: i64 = 60_000_000;
/// Auto close was switched on so long ago that every case of a drill is covered.
const SWITCHED_ON: i64 = 300 * MINUTE;
const NODES: usize = 2;
/// Customers known on each channel.
pub const CUSTOMERS: u64 = 40;
const NETWORKS: [&str; 3] = ["x", "instagram", "email"];

/// The two nodes and what a request to them needs.
pub struct Place {
    pub program: PathBuf,
    pub url: String,
    pub token: String,
    pub nodes: Vec<Node>,
    pub layout: Layout,
    _folder: TempDir,
}

/// The desk's furniture, as requests and as tables name it.
#[derive(Debug, Clone)]
pub struct Layout {
    pub workspace: i64,
    pub owner: i64,
    pub queues: Vec<i64>,
    pub channels: Vec<Channel>,
}

#[derive(Debug, Clone)]
pub struct Channel {
    pub id: i64,
    pub name: String,
    pub network: &'static str,
    /// As the API calls it.
    pub public: String,
    pub customers: Vec<i64>,
}

impl Place {
    /// Opens the desk at `url`, whose database is empty, and furnishes it.
    pub async fn open(program: &Path, url: &str) -> Result<Place> {
        let folder = TempDir::with_prefix("lull-drill-")?;
        let token = node::make_workspace(program, url)?;
        let nodes = Node::start_together(program, url, folder.path(), NODES)?;
        let database = connect(url).await?;
        let layout = furnish(&nodes[0], &token, &database).await?;
        Ok(Place { program: program.to_owned(), url: url.to_owned(), token, nodes, layout, _folder: folder })
    }

    /// What the nodes said last, for whoever looks for the cause of a failure.
    pub fn last_lines(&self) -> String {
        let said =
            self.nodes.iter().enumerate().map(|(n, node)| format!("node {n} said last:\n{}\n", node.last_lines()));
        said.collect()
    }
}

/// A connection of the drill's own. What drives it ends with it.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("a connection to PostgreSQL")?;
    tokio::spawn(async move {
        // A server that is stopped under it is part of the drill; whoever uses the client hears of it.
        let _ = connection.await;
    });
    Ok(client)
}

async fn furnish(node: &Node, token: &str, database: &Client) -> Result<Layout> {
    let agents = node.call(token, "GET", "/v1/agents", &Value::Null).await?;
    let owner = agents["data"][0]["id"].as_str().context("an owner")?.to_owned();
    let online = json!({"availability": "online"});
    node.call(token, "PUT", &format!("/v1/agents/{owner}/availability"), &online).await?;
    node.call(token, "POST", "/v1/queues", &json!({"name": "By hand", "assignment": "manual"})).await?;
    // Here a reopened case is handed out by the desk, which takes a lock on the queue.
    let in_turn = json!({"name": "In turn", "assignment": "round_robin", "members": [owner]});
    node.call(token, "POST", "/v1/queues", &in_turn).await?;
    let mut channels = Vec::new();
    for network in NETWORKS {
        let made = node.call(token, "POST", "/v1/channels", &json!({"name": network, "network": network})).await?;
        let public = made["id"].as_str().context("a channel has an id")?.to_owned();
        meet_customers(node, token, &public, network).await?;
        channels.push(Channel { id: 0, name: network.to_owned(), network, public, customers: Vec::new() });
    }
    let settings = json!({
        "auto_close": {"enabled": true, "threshold_minutes": THRESHOLD_MINUTES, "statuses": ["open", "in_progress", "on_hold"]},
        "auto_reopen": {"enabled": true, "window_minutes": WINDOW_MINUTES},
    });
    node.call(token, "PUT", "/v1/settings/lifecycle", &settings).await?;
    database.execute("update policies set enabled_at = enabled_at - $1", &[&SWITCHED_ON]).await?;
    read_layout(database, channels).await
}

/// The first word of each customer, who is known from then on.
async fn meet_customers(node: &Node, token: &str, channel: &str, network: &str) -> Result<()> {
    for customer in 0..CUSTOMERS {
        let name = customer_name(network, customer);
        let body = json!({"channel": channel, "external_id": format!("hello-{name}"), "direction": "inbound",
            "customer": {"external_id": name}, "text": "Hello"});
        node.call(token, "POST", "/v1/messages", &body).await?;
    }
    Ok(())
}

/// The network's name for a customer.
pub fn customer_name(network: &str, customer: u64) -> String {
    format!("{network}-{customer}")
}

async fn read_layout(database: &Client, mut channels: Vec<Channel>) -> Result<Layout> {
    let workspace: i64 = database.query_one("select id from workspaces", &[]).await?.get(0);
    let owner: i64 = database.query_one("select id from agents", &[]).await?.get(0);
    let queues = database.query("select id from queues order by id", &[]).await?;
    for channel in &mut channels {
        channel.id = database.query_one("select id from channels where name = $1", &[&channel.name]).await?.get(0);
        let sql = "select id from customers where external_id like $1 || '-%' order by id";
        channel.customers = database.query(sql, &[&channel.name]).await?.iter().map(|row| row.get(0)).collect();
        if channel.customers.len() as u64 != CUSTOMERS {
            return Err(anyhow!("{} customers were met on {}, not {CUSTOMERS}", channel.customers.len(), channel.name));
        }
    }
    Ok(Layout { workspace, owner, queues: queues.iter().map(|row| row.get(0)).collect(), channels })
}
