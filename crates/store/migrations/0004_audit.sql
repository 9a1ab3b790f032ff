-- The audit trail only grows: the database itself refuses to change, remove or replace an entry (T3). Whoever owns the
-- database can take these triggers away; the hash chain and checkpoints kept elsewhere show what they did then.

-- The last one is for `insert or replace`, which removes a row without asking the second.
/*sqlite: create trigger audit_is_not_changed before update on audit begin
select raise(abort, 'the audit trail is append-only: an entry is never changed');
end;
create trigger audit_is_not_removed before delete on audit begin
select raise(abort, 'the audit trail is append-only: an entry is never removed');
end;
create trigger audit_is_not_replaced before insert on audit
when exists (select 1 from audit known where known.workspace = new.workspace and known.seq = new.seq) begin
select raise(abort, 'the audit trail is append-only: an entry is never replaced');
end;
*/

/*pg: create function refuse_change_of_audit() returns trigger language plpgsql as $refuse$
begin
raise exception 'the audit trail is append-only: % is refused', lower(tg_op) using errcode = 'restrict_violation';
end
$refuse$;
create trigger audit_is_append_only before update or delete or truncate on audit
for each statement execute function refuse_change_of_audit();
*/
