-- Sums of what two dimensions have in common, for the pairs that are asked for. The table has another name, so that a program
-- that would not keep the pairs up counts nothing.

-- The phases' changes added up, by the workspace's days: for each dimension and value, what happened on a day to cases
-- created on a day.
create table report_counts (
  workspace bigint not null,
  -- What the cases are narrowed by. 0 is nothing; the others as domain::metrics::Dimension lists them, from 1.
  of_dimension bigint not null,
  -- 0 is everything together.
  dimension bigint not null,
  -- Empty: none.
  of_value text not null,
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
  primary key (workspace, of_dimension, dimension, of_value, day, created_day, value)
) /*sqlite: without rowid */;

insert into report_counts (workspace, of_dimension, dimension, of_value, day, created_day, value,
opened, settled, replied, reply_millis, closed_manual, closed_api, closed_inactivity, handle_millis, active_millis, undone, reopened)
select workspace, 0, dimension, '', day, created_day, value,
opened, settled, replied, reply_millis, closed_manual, closed_api, closed_inactivity, handle_millis, active_millis, undone, reopened
from report_sums order by workspace, dimension, day, created_day, value;

drop table report_sums;

-- The pairs of dimensions whose sums are kept.
create table report_pairs (
  workspace bigint not null,
  of_dimension bigint not null,
  dimension bigint not null,
  asked_at bigint not null,
  -- Null when all cases were added; -1 while what was added is thrown away; else the last case added.
  counted_to bigint,
  primary key (workspace, of_dimension, dimension)
) /*sqlite: without rowid */;
