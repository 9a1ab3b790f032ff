-- What helps to write: canned replies, the tags a workspace knows, and whom an internal note mentions.

create table canned_replies (
  workspace bigint not null,
  id bigint not null,
  name text not null,
  text text not null,
  -- Offered in this queue alone; null: everywhere.
  queue bigint,
  version bigint not null,
  updated_at bigint not null,
  updated_by bigint,
  primary key (workspace, id)
) /*sqlite: without rowid */;
create unique index canned_replies_by_name on canned_replies (workspace, name);

-- A tag that was ever used. While it is renamed or removed, `becomes` says what cases get in its place (empty: nothing), and
-- `position` is the last case that was looked at.
create table tags (
  workspace bigint not null,
  name text not null,
  becomes text,
  position bigint not null,
  asked_by bigint,
  primary key (workspace, name)
) /*sqlite: without rowid */;
create index tags_under_way on tags (workspace, name) where becomes is not null;
insert into tags (workspace, name, position)
select distinct c.workspace, /*sqlite: t.value */ /*pg: t.value #>> '{}' */, 0 from cases c, json_each(c.tags) t where c.tags <> '[]';

alter table comments add column mentions text not null default '[]';
