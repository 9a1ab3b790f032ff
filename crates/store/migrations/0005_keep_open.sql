-- Who keeps a case open, and why; what the sweep and the lists ask about it. Both indexes are empty on a desk that keeps
-- nothing open.
alter table cases add column keep_open_reason text;
alter table cases add column keep_open_by bigint;
create index cases_kept on cases (workspace, keep_open_until, id) where keep_open_until is not null and status <> 'closed';
create index cases_parked on cases (keep_open_until, workspace, id) where keep_open_until is not null and armed_at is null and status <> 'closed';

-- The version an auto close left its case with: whoever touched the case since raised it.
alter table closures add column case_version bigint;
