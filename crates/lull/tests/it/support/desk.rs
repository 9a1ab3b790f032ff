//! A desk to work at: a database with one workspace, its owner, one channel, and a server with the test clock.

use super::client::Client;
use super::message::unique;
use super::process::{Finished, Server, lull, run};
use super::time::{moment, written};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

pub const OWNER: &str = "owner@desk.test";
pub const PASSWORD: &str = "correct horse battery staple";

/// A database with a workspace and an owner, made once: hashing a password for every test would be slow.
struct Template {
    files: Vec<(String, Vec<u8>)>,
    token: String,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

/// Whether the tests run on PostgreSQL this time.
pub fn on_postgres() -> bool {
    std::env::var("LULL_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}

fn template() -> &'static Template {
    TEMPLATE.get_or_init(|| {
        let dir = TempDir::new().expect("a temporary directory");
        let database = url(&dir.path().join("lull.db"));
        create_owner(&database, "First Desk", OWNER, &[]).succeeded();
        let token = token(&database, OWNER);
        let files = std::fs::read_dir(dir.path()).expect("the directory can be read").map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a plain name");
            (name, std::fs::read(entry.path()).expect("a readable file"))
        });
        // The shared-memory file is only an index of the log; a copy of it would lie about another log.
        let files = files.filter(|(name, _)| !name.ends_with("-shm")).collect();
        Template { files, token }
    })
}

/// Runs `create-owner`.
pub fn create_owner(database: &str, workspace: &str, email: &str, more: &[&str]) -> Finished {
    let mut arguments = vec!["create-owner", "--database", database, "--workspace", workspace, "--email", email];
    arguments.extend_from_slice(&["--name", "Olive Owner", "--password-stdin"]);
    arguments.extend_from_slice(more);
    run(lull(&arguments), &format!("{PASSWORD}\n"))
}

/// Runs `token` and gives what it printed.
#[track_caller]
pub fn token(database: &str, email: &str) -> String {
    let finished = run(lull(&["token", "--database", database, "--email", email, "--name", "tests"]), "").succeeded();
    finished.stdout.trim().to_owned()
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// A database without a server yet.
pub struct Place {
    dir: TempDir,
    postgres: Option<scratch_postgres::Database>,
    pub token: String,
}

impl Place {
    /// A directory with a copy of the template's database, or a database in PostgreSQL.
    pub fn new() -> Self {
        if on_postgres() {
            return Self::in_postgres();
        }
        let dir = TempDir::new().expect("a temporary directory");
        for (name, bytes) in &template().files {
            std::fs::write(dir.path().join(name), bytes).expect("the copy can be written");
        }
        Self { dir, postgres: None, token: template().token.clone() }
    }

    /// A database in PostgreSQL, whatever the tests run on this time.
    pub fn in_postgres() -> Self {
        let database = scratch_postgres::Database::fresh();
        create_owner(&database.url(), "First Desk", OWNER, &[]).succeeded();
        let token = token(&database.url(), OWNER);
        Self { dir: TempDir::new().expect("a temporary directory"), postgres: Some(database), token }
    }

    /// Statements past the desk, where PostgreSQL holds the database.
    #[track_caller]
    pub fn psql(&self, sql: &str) -> String {
        self.postgres.as_ref().expect("a place in PostgreSQL").psql(sql).expect("the statements run")
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("lull.db")
    }

    pub fn database(&self) -> String {
        self.postgres.as_ref().map_or_else(|| url(&self.file()), scratch_postgres::Database::url)
    }

    /// Starts the server at this place and sets the desk up.
    #[track_caller]
    pub fn open(self, more: &[&str]) -> Desk {
        let server = Server::start(&self.database(), more);
        Desk::over(self, server)
    }
}

/// An open desk. It derefs to the owner's client.
pub struct Desk {
    pub place: Place,
    pub server: Server,
    owner: Client,
    /// The queue every workspace starts with.
    pub general: String,
    /// A channel of network `x` whose new cases go to `General`.
    pub channel: String,
}

impl Deref for Desk {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.owner
    }
}

impl Desk {
    /// A fresh desk whose clock stands still.
    #[track_caller]
    pub fn start() -> Self {
        Place::new().open(&["--test-clock"])
    }

    #[track_caller]
    fn over(place: Place, server: Server) -> Self {
        let owner = Client::new(server.base(), Some(&place.token));
        let mut desk = Self { place, server, owner, general: String::new(), channel: String::new() };
        desk.general = desk.queue_named("General");
        desk.channel = desk.channel_into(&desk.general.clone(), "x");
        desk
    }

    /// Kills the server and starts it again on the same database; the ids stay as they were.
    #[track_caller]
    pub fn restart(&mut self, more: &[&str]) {
        self.server.kill();
        let server = Server::start(&self.place.database(), more);
        self.take_over(server);
    }

    /// Goes on with another server on the same database.
    pub fn take_over(&mut self, server: Server) {
        self.owner = Client::new(server.base(), Some(&self.place.token));
        self.server = server;
    }

    /// The owner's own client, where a test needs it by name.
    pub fn owner(&self) -> &Client {
        &self.owner
    }

    /// A second workspace in the same database, seen through its owner.
    #[track_caller]
    pub fn second_workspace(place: &Place) -> String {
        create_owner(&place.database(), "Second Desk", "second@desk.test", &[]).succeeded();
        token(&place.database(), "second@desk.test")
    }

    // The clock.

    #[track_caller]
    pub fn now(&self) -> Timestamp {
        moment(&self.get("/v1/test-clock").expect(200)["now"])
    }

    #[track_caller]
    pub fn advance(&self, seconds: i64) {
        self.post("/v1/test-clock/advance", &json!({"by_seconds": seconds})).expect(200);
    }

    #[track_caller]
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance(minutes * 60);
    }

    #[track_caller]
    pub fn advance_to(&self, at: Timestamp) {
        self.post("/v1/test-clock/advance", &json!({"to": written(at)})).expect(200);
    }

    /// Runs what is due at this very moment.
    #[track_caller]
    pub fn run_due(&self) {
        self.advance(0);
    }

    // Settings.

    #[track_caller]
    pub fn settings(&self) -> Value {
        self.get("/v1/settings/lifecycle").expect(200)
    }

    #[track_caller]
    pub fn set_policy(&self, document: &Value) -> Value {
        self.put("/v1/settings/lifecycle", document).expect(200)
    }

    /// Switches auto close on for all three statuses.
    #[track_caller]
    pub fn auto_close(&self, minutes: i64) -> Value {
        self.set_policy(&super::policy::closing_after(minutes, &super::policy::ALL))
    }

    #[track_caller]
    pub fn plan(&self, plan: &str) {
        self.patch("/v1/workspace", &json!({"plan": plan})).expect(200);
    }

    // The team and its places.

    #[track_caller]
    pub fn queue_named(&self, name: &str) -> String {
        let queues = self.all("/v1/queues");
        let queue = queues.iter().find(|queue| queue["name"] == name);
        id(queue.unwrap_or_else(|| panic!("no queue {name}: {queues:?}")))
    }

    #[track_caller]
    pub fn queue(&self, assignment: &str, members: &[&Member]) -> String {
        let members: Vec<_> = members.iter().map(|member| member.id.as_str()).collect();
        let body = json!({"name": unique("Queue "), "assignment": assignment, "members": members});
        id(&self.post("/v1/queues", &body).expect(201))
    }

    #[track_caller]
    pub fn channel_into(&self, queue: &str, network: &str) -> String {
        let body = json!({"name": unique("Channel "), "network": network, "queue": queue});
        id(&self.post("/v1/channels", &body).expect(201))
    }

    /// A member with this role, without a limit, and a token that acts as them.
    #[track_caller]
    pub fn member(&self, name: &str, role: &str) -> Member {
        self.member_with(name, role, Value::Null)
    }

    #[track_caller]
    pub fn member_with(&self, name: &str, role: &str, capacity: Value) -> Member {
        let email = format!("{}@desk.test", unique("member"));
        let body = json!({"name": name, "email": email, "role": role, "capacity": capacity, "auto_assign": true});
        let agent = id(&self.post("/v1/agents", &body).expect(201));
        let token = self.token_for(role, Some(&agent));
        Member { id: agent, client: self.as_token(&token) }
    }

    /// A member who is online.
    #[track_caller]
    pub fn agent(&self, name: &str, capacity: Option<i64>) -> Member {
        let member = self.member_with(name, "agent", json!(capacity));
        self.available(&member, "online");
        member
    }

    #[track_caller]
    pub fn available(&self, member: &Member, availability: &str) {
        let path = format!("/v1/agents/{}/availability", member.id);
        self.put(&path, &json!({"availability": availability})).expect(200);
    }

    #[track_caller]
    pub fn token_for(&self, role: &str, agent: Option<&str>) -> String {
        let body = json!({"name": unique("token "), "role": role, "agent": agent});
        let made = self.post("/v1/tokens", &body).expect(201);
        made["token"].as_str().expect("a new token is shown once").to_owned()
    }

    /// A client whose token acts as nobody.
    #[track_caller]
    pub fn api(&self, role: &str) -> Client {
        self.as_token(&self.token_for(role, None))
    }

    /// A session of a member, as the cookie that carries it.
    #[track_caller]
    pub fn session(&self, agent: &str) -> String {
        let link = self.post(&format!("/v1/agents/{agent}/sign-in-link"), &json!({})).expect(201);
        let signed_in = self.anonymous().send("POST", link["path"].as_str().expect("a path"), &[], None);
        let cookie = signed_in.header("set-cookie").unwrap_or_else(|| panic!("no session: {}", signed_in.text()));
        cookie.split(';').next().expect("a cookie").to_owned()
    }

    /// The id of the owner as a member.
    #[track_caller]
    pub fn owner_id(&self) -> String {
        let agents = self.all("/v1/agents");
        id(agents.iter().find(|agent| agent["email"] == OWNER).expect("the owner is a member"))
    }
}

/// One member and what they do through their own token. It derefs to their client.
pub struct Member {
    pub id: String,
    pub client: Client,
}

impl Deref for Member {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The id of an object.
#[track_caller]
pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("an object has an id: {object}")).to_owned()
}
