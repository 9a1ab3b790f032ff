-- Undoing what a run closed, a batch at a time, and what a run could not close.
create table run_undos (
  workspace bigint not null,
  run bigint not null,
  asked_at bigint not null,
  asked_by bigint,
  asked_by_name text,
  -- The last case that was looked at, in the order of their ids.
  done_to bigint not null,
  reopened bigint not null,
  left_closed bigint not null,
  finished_at bigint,
  primary key (workspace, run)
) /*sqlite: without rowid */;
create index run_undos_open on run_undos (asked_at, workspace, run) where finished_at is null;

create table run_failures (
  workspace bigint not null,
  run bigint not null,
  case_id bigint not null,
  number bigint not null,
  at bigint not null,
  fault text not null,
  primary key (workspace, run, case_id)
) /*sqlite: without rowid */;

-- What became of the case when its run was undone; empty while nobody asked for that.
alter table closures add column undo text;
drop index closures_by_run;
create index closures_by_run on closures (workspace, run, case_id, period, undo) where run is not null;

create index runs_by_time on runs (workspace, started_at, id);
