-- The second wall between tenants. What REST does for somebody, it does as sigec_tenant, with the tenant in a setting of
-- the transaction: rows of others are then not there, whatever the query forgot. Workers, who serve all tenants in one
-- batch, and the migrations are the tables' owner, whom no policy binds.
do $$
begin
  create role sigec_tenant nologin;
exception
  -- Roles are of the whole server: another database of it may have it already, or make it at this moment.
  when duplicate_object or unique_violation then null;
end
$$;
--> statement-breakpoint
do $$
begin
  if not pg_has_role(current_user, 'sigec_tenant', 'member') then
    execute format('grant sigec_tenant to %I', current_user);
  end if;
exception
  when unique_violation then null;
end
$$;
--> statement-breakpoint
grant usage on schema public to sigec_tenant;
--> statement-breakpoint
grant select, insert, update, delete on all tables in schema public to sigec_tenant;
--> statement-breakpoint
grant usage, select on all sequences in schema public to sigec_tenant;
--> statement-breakpoint
alter default privileges in schema public grant select, insert, update, delete on tables to sigec_tenant;
--> statement-breakpoint
alter default privileges in schema public grant usage, select on sequences to sigec_tenant;
--> statement-breakpoint
create function sigec_tenant() returns integer language sql stable as $$
  select nullif(current_setting('sigec.tenant', true), '')::integer
$$;
--> statement-breakpoint
-- Puts a table behind the wall: by its own tenant, or that of what its rows belong to. A table that has neither stays
-- shut, until a migration says whose its rows are.
create function sigec_wall(name text) returns void language plpgsql as $$
declare
  columns text[];
  mine text;
begin
  select array_agg(attname::text) into columns from pg_attribute
  where attrelid = to_regclass(name) and attnum > 0 and not attisdropped;
  mine := case
    when 'tenant_id' = any(columns) then 'tenant_id = sigec_tenant()'
    when 'station_id' = any(columns)
      then 'exists (select 1 from station s where s.id = station_id and s.tenant_id = sigec_tenant())'
    when 'transaction_id' = any(columns)
      then 'exists (select 1 from transaction t where t.id = transaction_id and t.tenant_id = sigec_tenant())'
    when 'request' = any(columns)
      then 'exists (select 1 from station_request r where r.id = request and r.tenant_id = sigec_tenant())'
    when 'user_id' = any(columns)
      then 'exists (select 1 from app_user u where u.id = user_id and u.tenant_id = sigec_tenant())'
    when 'file' = any(columns)
      then 'exists (select 1 from stored_file f where f.id = file and f.tenant_id = sigec_tenant())'
  end;
  execute format('alter table %I enable row level security', name);
  if mine is not null then
    execute format('create policy tenant_wall on %I to sigec_tenant using (%s) with check (%s)', name, mine, mine);
  end if;
end
$$;
--> statement-breakpoint
select sigec_wall(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition;
--> statement-breakpoint
create policy tenant_wall on tenant to sigec_tenant using (id = sigec_tenant());
--> statement-breakpoint
-- The authority of chargers' certificates is the installation's.
create policy tenant_wall on certificate_authority to sigec_tenant using (true) with check (true);
--> statement-breakpoint
-- What signs access tokens is shown to no request.
create policy tenant_wall on signing_key to sigec_tenant using (false);
--> statement-breakpoint
-- Whose turn it is to look for alarms is the workers' affair.
create policy tenant_wall on alarm_turn to sigec_tenant using (false);
--> statement-breakpoint
-- A view asks as its owner where nothing else is said.
alter view message_log set (security_invoker = true);
--> statement-breakpoint
alter view meter_sample set (security_invoker = true);
--> statement-breakpoint
alter view station_text set (security_invoker = true);
