-- Who has seen what of a case, who looks at one now, and whose single-letter keys are off.

-- How far a member has read a case: its newest message or note when they last looked. Forgotten after a time; what is older
-- than that is news to nobody.
create table case_seen (
  workspace bigint not null,
  case_id bigint not null,
  agent bigint not null,
  upto bigint not null,
  at bigint not null,
  primary key (workspace, case_id, agent)
) /*sqlite: without rowid */;
create index case_seen_by_time on case_seen (at);

-- Who has a case's page open, renewed by the page itself.
create table presence (
  workspace bigint not null,
  case_id bigint not null,
  agent bigint not null,
  -- When their newest page was opened: an older one that is closed does not take them away.
  since bigint not null,
  until bigint not null,
  -- What they write, a reply or a note, and until when that is believed.
  typing text,
  typing_until bigint,
  primary key (workspace, case_id, agent)
) /*sqlite: without rowid */;
create index presence_by_until on presence (until);

alter table agents add column letter_keys boolean not null default true;
