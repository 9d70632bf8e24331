-- What Debezium's connector logs in as, in the database of its tables: not a superuser. It may replicate, read every table, and publish the
-- tables of tributary_owner, which is to own those that a connector names. Run this as a superuser, once for each database, then
--   alter role tributary_cdc login password '...';
-- Tables of an application's own role: grant that role to tributary_cdc.
do $$
begin
  if not exists (select from pg_roles where rolname = 'tributary_owner') then
    create role tributary_owner nologin;
    grant pg_read_all_data to tributary_owner;
  end if;
  if not exists (select from pg_roles where rolname = 'tributary_cdc') then
    create role tributary_cdc nologin replication in role tributary_owner;
  end if;
  execute format('grant create on database %I to tributary_owner', current_database());
end $$;

create schema if not exists tributary;

-- Tables that superusers have made: what is theirs, a connector that is none could not publish.
create or replace procedure tributary.give_tables() language plpgsql as $$
declare
  each record;
begin
  for each in
    select c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
    where c.relkind in ('r', 'p') and c.relpersistence <> 't' and r.rolsuper
      and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  loop
    execute format('alter table %s owner to tributary_owner', each.name);
  end loop;
  for each in
    select p.pubname from pg_publication p join pg_roles r on r.oid = p.pubowner where r.rolsuper
  loop
    begin
      execute format('alter publication %I owner to tributary_owner', each.pubname);
    exception when insufficient_privilege then
      raise notice 'publication % stays: only a superuser can own one of all tables', each.pubname;
    end;
  end loop;
end $$;

create or replace function tributary.give_new_tables() returns event_trigger language plpgsql as $$
declare
  each record;
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    for each in
      select object_identity from pg_catalog.pg_event_trigger_ddl_commands()
      where object_type = 'table' and schema_name <> 'pg_temp' and not in_extension
    loop
      execute format('alter table %s owner to tributary_owner', each.object_identity);
    end loop;
  end if;
end $$;

do $$
begin
  if not exists (select from pg_event_trigger where evtname = 'tributary_give_new_tables') then
    create event trigger tributary_give_new_tables on ddl_command_end
      when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') execute function tributary.give_new_tables();
  end if;
end $$;

call tributary.give_tables();
