-- What the inbox needs: acts on many cases with the way back, views by name, what a person likes.

-- An act on many cases.
create table bulk_acts (
  workspace bigint not null,
  id bigint not null,
  at bigint not null,
  agent bigint,
  -- What was wanted, as JSON.
  changes text not null,
  primary key (workspace, id)
) /*sqlite: without rowid */;

-- What became of each of its cases.
create table bulk_cases (
  workspace bigint not null,
  act bigint not null,
  number bigint not null,
  outcome text not null,
  -- Why it was refused.
  why text,
  -- The former values of what changed, as JSON.
  former text not null,
  -- The version that the act left behind.
  version bigint not null,
  -- What became of the undo.
  undone text,
  primary key (workspace, act, number)
) /*sqlite: without rowid */;

-- A list's address under a name.
create table saved_views (
  workspace bigint not null,
  id bigint not null,
  -- Null: shared with the workspace.
  agent bigint,
  name text not null,
  address text not null,
  created_at bigint not null,
  created_by bigint,
  primary key (workspace, id)
) /*sqlite: without rowid */;

create table preferences (
  workspace bigint not null,
  agent bigint not null,
  name text not null,
  value text not null,
  primary key (workspace, agent, name)
) /*sqlite: without rowid */;

-- A queue's inbox, and its count.
create index cases_by_queue on cases (workspace, queue, last_activity_at, id) where status <> 'closed';
