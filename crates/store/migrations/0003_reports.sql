-- What reports are read from. All of it follows from cases, closures and the feed, and can be counted anew.

-- Stretches of a case's life in which nothing changed that a report asks about (domain/src/metrics.rs).
create table case_phases (
  workspace bigint not null,
  case_id bigint not null,
  place bigint not null,
  number bigint not null,
  created_at bigint not null,
  first_reply_at bigint,
  since bigint not null,
  until bigint,
  -- Null while the case was open.
  reason text,
  handle_millis bigint,
  active_millis bigint,
  agent bigint,
  queue bigint not null,
  channel bigint not null,
  network text not null,
  type text not null,
  priority text not null,
  tags text not null,
  -- A period is read in one piece.
  primary key (workspace, since, case_id, place)
) /*sqlite: without rowid */;
create unique index case_phases_by_case on case_phases (workspace, case_id, place);
create index case_phases_by_until on case_phases (workspace, until, case_id, place) where until is not null;

-- The phases' changes added up, by the workspace's days: for each dimension and value, what happened on a day to cases
-- created on a day.
create table report_sums (
  workspace bigint not null,
  -- 0 is everything together; the others as domain::metrics::Dimension lists them, from 1.
  dimension bigint not null,
  day bigint not null,
  created_day bigint not null,
  -- Empty: none.
  value text not null,
  opened bigint not null,
  settled bigint not null,
  replied bigint not null,
  reply_millis bigint not null,
  closed_manual bigint not null,
  closed_api bigint not null,
  closed_inactivity bigint not null,
  handle_millis bigint not null,
  active_millis bigint not null,
  undone bigint not null,
  reopened bigint not null,
  primary key (workspace, dimension, day, created_day, value)
) /*sqlite: without rowid */;

-- How far a workspace has been counted.
create table report_progress (
  workspace bigint primary key,
  -- Whose days the sums are of.
  zone text not null,
  -- Null when all cases were counted; -1 while what was counted before is thrown away; else the last case counted.
  counted_to bigint
);

-- Up to where the outbox was read for it; one row.
create table report_cursor (
  id bigint primary key,
  event bigint
);

create index messages_inbound on messages (workspace, received_at) where direction = 'inbound' and not automatic;
