-- What several nodes on one PostgreSQL need.

-- SQLite's json_each, as far as statements use it. The planner inlines it, so it costs what jsonb_array_elements costs.
/*pg: create function json_each(list text) returns table (key bigint, value jsonb) language sql immutable parallel safe
as 'select ordinality - 1, element from jsonb_array_elements(cast(list as jsonb)) with ordinality as e (element, ordinality)';
*/

-- Lower case in every alphabet, as SQLite's side does it in `dialect.rs`.
/*pg: create function lower_unicode(words text) returns text language sql immutable parallel safe
as 'select translate(lower(words collate "und-x-icu"), ''ς'', ''σ'')';
*/

-- Audit entries not chained yet. With SQLite an entry is chained as it is written and this stays empty. On PostgreSQL that
-- would make every command of a workspace wait for the one before it to reach the disk: entries are written here with
-- what they tell of, and chained together a moment later, in the order of their ids.
create table audit_pending (
  workspace bigint not null,
  id bigint not null /*pg: generated always as identity */,
  at bigint not null,
  event text not null,
  actor text not null,
  object_kind text not null,
  object_id text not null,
  old text,
  new text,
  address text,
  primary key (workspace, id)
) /*sqlite: without rowid */;

-- Ids are not in the order of commits when several nodes write: listeners read in the order of transactions, up to the
-- oldest one still under way.
/*pg: alter table outbox add column tx xid8 not null default pg_current_xact_id();
create index outbox_by_tx on outbox (tx, id);
*/

-- Rows that change all the time: room on the page keeps the new version beside the old one.
/*pg: alter table workspaces set (fillfactor = 50);
alter table audit_heads set (fillfactor = 50);
alter table cases set (fillfactor = 80);
*/
