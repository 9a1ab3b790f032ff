-- Times are microseconds since 1970 UTC, ids are 63-bit and time-ordered, lists and loose data are JSON text.
-- Only bigint, text and boolean, so that one text serves both databases. Primary keys lead with the workspace.

create table workspaces (
  id bigint primary key,
  name text not null,
  time_zone text not null,
  plan text not null,
  last_case_number bigint not null,
  created_at bigint not null
);

create table agents (
  workspace bigint not null,
  id bigint not null,
  name text not null,
  email text not null,
  role text not null,
  capacity bigint,
  auto_assign boolean not null,
  active boolean not null,
  availability text not null,
  theme text not null,
  password_hash text,
  created_at bigint not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index agents_by_email on agents (email);

create table queues (
  workspace bigint not null,
  id bigint not null,
  name text not null,
  assignment text not null,
  -- Whom automatic assignment chose last, so that turns go round.
  last_assigned bigint,
  created_at bigint not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index queues_by_name on queues (workspace, name);

create table queue_members (
  workspace bigint not null,
  queue bigint not null,
  agent bigint not null,
  primary key (workspace, queue, agent)
) /*sqlite: without rowid */;

create table channels (
  workspace bigint not null,
  id bigint not null,
  name text not null,
  network text not null,
  queue bigint not null,
  created_at bigint not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index channels_by_name on channels (workspace, name);

create table customers (
  workspace bigint not null,
  id bigint not null,
  -- The network, or the channel where the network's ids do not name one person everywhere.
  scope text not null,
  external_id text not null,
  name text,
  handle text,
  created_at bigint not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index customers_by_external_id on customers (workspace, scope, external_id);

create table cases (
  workspace bigint not null,
  id bigint not null,
  number bigint not null,
  version bigint not null,
  status text not null,
  type text not null,
  priority text not null,
  title text not null,
  queue bigint not null,
  assignee bigint,
  channel bigint not null,
  network text not null,
  customer bigint not null,
  thread text not null,
  tags text not null,
  created_at bigint not null,
  updated_at bigint not null,
  last_activity_at bigint not null,
  -- A lower bound of last_activity_at, for the sweep: see ARCHITECTURE.md, "the sweep".
  armed_at bigint,
  last_inbound_at bigint,
  last_outbound_at bigint,
  first_reply_at bigint,
  waiting_on text,
  waiting_since bigint,
  -- Start of the current open period: the creation or the last reopening (M6).
  opened_at bigint not null,
  closed_at bigint,
  reopen_count bigint not null,
  follow_up_of bigint,
  last_reply_by bigint,
  keep_open_until bigint,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index cases_by_number on cases (workspace, number);
create index cases_by_thread on cases (workspace, channel, customer, thread, id);
create index cases_by_customer on cases (workspace, customer, id);
create index cases_by_activity on cases (workspace, last_activity_at, id, status);
create index cases_by_creation on cases (workspace, created_at, id);
create index cases_by_follow_up on cases (workspace, follow_up_of) where follow_up_of is not null;
create index cases_open on cases (workspace, assignee, queue, status) where status <> 'closed';
create index cases_armed on cases (workspace, queue, status, armed_at, id) where status <> 'closed' and armed_at is not null;

create table messages (
  workspace bigint not null,
  -- 0: an automatic message that belongs to no case (R6).
  case_id bigint not null,
  id bigint not null,
  channel bigint not null,
  customer bigint not null,
  external_id text,
  direction text not null,
  text text not null,
  author bigint,
  automatic boolean not null,
  sent_at bigint,
  received_at bigint not null,
  delivery text not null,
  primary key (workspace, case_id, id)
) /*sqlite: without rowid */;
create unique index messages_by_external_id on messages (workspace, channel, external_id) where external_id is not null;

create table comments (
  workspace bigint not null,
  case_id bigint not null,
  id bigint not null,
  author bigint,
  text text not null,
  at bigint not null,
  primary key (workspace, case_id, id)
) /*sqlite: without rowid */;

create table drafts (
  workspace bigint not null,
  case_id bigint not null,
  agent bigint not null,
  kind text not null,
  text text not null,
  at bigint not null,
  primary key (workspace, case_id, agent, kind)
) /*sqlite: without rowid */;

create table activity (
  workspace bigint not null,
  case_id bigint not null,
  id bigint not null,
  at bigint not null,
  actor text not null,
  actor_agent bigint,
  event text not null,
  data text not null,
  primary key (workspace, case_id, id)
) /*sqlite: without rowid */;

create table closures (
  workspace bigint not null,
  case_id bigint not null,
  -- The case's reopen count when it closed: one closure for each open period, by key (A7).
  period bigint not null,
  number bigint not null,
  closed_at bigint not null,
  reason text not null,
  closed_by bigint,
  credited_agent bigint,
  assignee bigint,
  status_before text not null,
  queue bigint not null,
  channel bigint not null,
  network text not null,
  type text not null,
  priority text not null,
  tags text not null,
  case_created_at bigint not null,
  opened_at bigint not null,
  last_activity_at bigint not null,
  threshold_minutes bigint,
  run bigint,
  reopened_at bigint,
  primary key (workspace, case_id, period)
) /*sqlite: without rowid */;
create index closures_by_time on closures (workspace, closed_at);
create index closures_by_run on closures (workspace, run) where run is not null;

create table policies (
  workspace bigint not null,
  -- 0: the workspace's own settings; else a queue's overrides, where null inherits (X1).
  queue bigint not null,
  enabled boolean,
  enabled_at bigint,
  threshold_minutes bigint,
  statuses text,
  reopen_enabled boolean,
  window_minutes bigint,
  version bigint not null,
  updated_at bigint not null,
  updated_by bigint,
  primary key (workspace, queue)
) /*sqlite: without rowid */;

create table runs (
  workspace bigint not null,
  id bigint not null,
  started_at bigint not null,
  finished_at bigint not null,
  closed bigint not null,
  -- Looked at and left open because something newer came first.
  skipped bigint not null,
  failed bigint not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;

create table audit (
  workspace bigint not null,
  seq bigint not null,
  at bigint not null,
  event text not null,
  actor text not null,
  object_kind text not null,
  object_id text not null,
  old text,
  new text,
  address text,
  hash text not null,
  primary key (workspace, seq)
) /*sqlite: without rowid */;

create table audit_heads (
  workspace bigint primary key,
  seq bigint not null,
  hash text not null
);

create table outbox (
  id bigint primary key,
  workspace bigint not null,
  at bigint not null,
  event text not null,
  case_number bigint,
  data text not null
);

create table notifications (
  workspace bigint not null,
  agent bigint not null,
  id bigint not null,
  at bigint not null,
  event text not null,
  case_number bigint,
  data text not null,
  read_at bigint,
  primary key (workspace, agent, id)
) /*sqlite: without rowid */;

create table tokens (
  workspace bigint not null,
  id bigint not null,
  name text not null,
  role text not null,
  agent bigint,
  hash text not null,
  created_at bigint not null,
  created_by bigint,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index tokens_by_hash on tokens (hash);

create table sessions (
  hash text primary key,
  workspace bigint not null,
  agent bigint not null,
  created_at bigint not null,
  expires_at bigint not null
) /*sqlite: without rowid */;

create index sessions_by_agent on sessions (workspace, agent);

create table sign_in_links (
  hash text primary key,
  workspace bigint not null,
  agent bigint not null,
  expires_at bigint not null,
  used_at bigint
) /*sqlite: without rowid */;

create index sign_in_links_by_agent on sign_in_links (workspace, agent);

create table idempotency (
  workspace bigint not null,
  -- The credential that sent the key: two programs may use the same one.
  sender text not null,
  key text not null,
  request text not null,
  status bigint not null,
  answer text not null,
  at bigint not null,
  primary key (workspace, sender, key)
) /*sqlite: without rowid */;
create index idempotency_by_time on idempotency (at);
