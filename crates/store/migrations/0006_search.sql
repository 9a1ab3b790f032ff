-- What is searched: a row for each text that a case can be found by, written by triggers with the text itself.
-- `owner` is the case, or the customer where `kind` is `customer`. Follows from the other tables.

-- SQLite keeps the words in an index of their own, under the id of the row. The rows above `indexed_to` are put into it
-- together, at the end of the transaction: word by word that costs a message a fraction.
/*sqlite: create table search_docs (
id integer primary key autoincrement,
workspace bigint not null,
owner bigint not null,
kind text not null,
object bigint not null
);
create index search_docs_by_owner on search_docs (workspace, owner, kind);
create virtual table search_words using fts5 (text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2');
create table search_progress (id integer primary key, indexed_to bigint not null);

create trigger search_messages after insert on messages when new.case_id <> 0 begin
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.case_id, 'message', new.id);
end;
create trigger search_comments after insert on comments begin
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.case_id, 'comment', new.id);
end;
create trigger search_titles after insert on cases begin
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.id, 'title', new.id);
end;
create trigger search_customers after insert on customers begin
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.id, 'customer', new.id);
end;

create trigger search_new_titles after update of title on cases when new.title <> old.title begin
update search_docs set owner = 0 where workspace = new.workspace and owner = new.id and kind = 'title';
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.id, 'title', new.id);
end;
create trigger search_new_names after update of name, handle on customers
when new.name is not old.name or new.handle is not old.handle begin
update search_docs set owner = 0 where workspace = new.workspace and owner = new.id and kind = 'customer';
insert into search_docs (workspace, owner, kind, object) values (new.workspace, new.id, 'customer', new.id);
end;

insert into search_docs (workspace, owner, kind, object)
select workspace, id, 'customer', id from customers union all
select workspace, id, 'title', id from cases union all
select workspace, case_id, 'message', id from messages where case_id <> 0 union all
select workspace, case_id, 'comment', id from comments;
insert into search_progress (id, indexed_to) values (1, 0);
*/

-- PostgreSQL keeps the words beside the row. What is ASCII has only its case to fold, in half the time. Letters
-- without their accents, everything else between words; scripts that put no space between words go letter by letter, as `dialect.rs` does it for SQLite.
/*pg: create function search_fold(words text) returns text language sql immutable parallel safe
as $fold$ select case when octet_length(words) = char_length(words) then regexp_replace(lower(words), '[^a-z0-9]+', ' ', 'g')
else regexp_replace(regexp_replace(regexp_replace(normalize(lower_unicode(words), nfd), '[\u0300-\u036f]+', '', 'g'),
'([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])', ' \1 ', 'g'),
'[^[:alnum:]]+' collate "und-x-icu", ' ', 'g') end $fold$;

create function search_words(workspace bigint, words text) returns tsvector language sql immutable parallel safe
as $words$ select array_to_tsvector(array[' ' || workspace]) || to_tsvector('simple', search_fold(words)) $words$;

create function search_query(workspace bigint, term text, beginning boolean) returns tsquery language sql immutable parallel safe
as $query$ select cast(''' ' || workspace || '''' as tsquery)
&& case when beginning and numnode(said) > 0 then cast(cast(said as text) || ':*' as tsquery) else said end
from phraseto_tsquery('simple', search_fold(term)) said $query$;

create table search_docs (
workspace bigint not null,
owner bigint not null,
id bigint not null generated always as identity,
kind text not null,
words tsvector not null,
primary key (workspace, owner, id)
);

create function search_doc() returns trigger language plpgsql as $doc$ begin
if tg_table_name = 'messages' then
insert into search_docs (workspace, owner, kind, words) values (new.workspace, new.case_id, 'message', search_words(new.workspace, new.text));
elsif tg_table_name = 'comments' then
insert into search_docs (workspace, owner, kind, words) values (new.workspace, new.case_id, 'comment', search_words(new.workspace, new.text));
elsif tg_table_name = 'cases' then
if tg_op = 'UPDATE' then
delete from search_docs d where d.workspace = new.workspace and d.owner = new.id and d.kind = 'title';
end if;
insert into search_docs (workspace, owner, kind, words) values (new.workspace, new.id, 'title', search_words(new.workspace, new.title));
else
if tg_op = 'UPDATE' then
delete from search_docs d where d.workspace = new.workspace and d.owner = new.id and d.kind = 'customer';
end if;
insert into search_docs (workspace, owner, kind, words)
values (new.workspace, new.id, 'customer', search_words(new.workspace, concat_ws(' ', new.name, new.handle)));
end if;
return null;
end $doc$;
create trigger search_messages after insert on messages for each row when (new.case_id <> 0) execute function search_doc();
create trigger search_comments after insert on comments for each row execute function search_doc();
create trigger search_titles after insert on cases for each row execute function search_doc();
create trigger search_customers after insert on customers for each row execute function search_doc();
create trigger search_new_titles after update of title on cases for each row
when (new.title is distinct from old.title) execute function search_doc();
create trigger search_new_names after update of name, handle on customers for each row
when ((new.name, new.handle) is distinct from (old.name, old.handle)) execute function search_doc();

insert into search_docs (workspace, owner, kind, words)
select workspace, id, 'customer', search_words(workspace, concat_ws(' ', name, handle)) from customers union all
select workspace, id, 'title', search_words(workspace, title) from cases union all
select workspace, case_id, 'message', search_words(workspace, text) from messages where case_id <> 0 union all
select workspace, case_id, 'comment', search_words(workspace, text) from comments;
create index search_docs_words on search_docs using gin (words) with (gin_pending_list_limit = 1024);
*/
