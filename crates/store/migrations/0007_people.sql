-- Where a person wants to hear of what; a kind they never chose for has no row (domain/src/notice.rs).
create table notification_preferences (
  workspace bigint not null,
  agent bigint not null,
  kind text not null,
  in_page boolean not null,
  email boolean not null,
  primary key (workspace, agent, kind)
) /*sqlite: without rowid */;

-- Mails that tell of something, written with it and sent after.
create table mails (
  workspace bigint not null,
  id bigint not null,
  agent bigint not null,
  kind text not null,
  case_number bigint not null,
  by_agent bigint,
  at bigint not null,
  -- When it is tried next, or may be taken over from a node that died with it; null when it is done with.
  due_at bigint,
  attempts bigint not null,
  sent_at bigint,
  -- Why the last try failed; with neither `due_at` nor `sent_at` it was given up.
  fault text,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create index mails_due on mails (due_at, workspace, id) where due_at is not null;
create index mails_done on mails (at) where due_at is null;

create index notifications_unread on notifications (workspace, agent, id) where read_at is null;
create index notifications_read on notifications (read_at) where read_at is not null;

-- Waiting cases are asked for in their order.
/*pg: drop index cases_open;
create index cases_open on cases (workspace, assignee, queue, status, id) where status <> 'closed';
*/
