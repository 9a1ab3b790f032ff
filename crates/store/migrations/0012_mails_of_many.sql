-- A mail can tell of many cases that one act changed; it names one of them and how many there are.
alter table mails add column cases bigint not null default 1;
