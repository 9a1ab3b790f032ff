-- A queue's inbox, its count, and what a preview counts, without reading the cases.
drop index cases_by_queue;
create index cases_by_queue on cases (workspace, queue, last_activity_at, id, status, waiting_on, keep_open_until)
where status <> 'closed';
