-- The same in PostgreSQL, run by psql as an administrator of the server, once:
--   psql -v password="$WAREHOUSE_PASSWORD" -f warehouse/setup_postgresql.sql postgres
-- The mirror is then sinks.warehouse with url jdbc:postgresql://HOST:5432/cdc_warehouse, user cdc_role, and names: {schema: public}.
\set ON_ERROR_STOP on
create role cdc_role login password :'password';
create database cdc_warehouse;
\connect cdc_warehouse
revoke create on schema public from public;
grant usage, create on schema public to cdc_role;
-- the ledger and the staging tables; nobody else has business there
create schema tributary authorization cdc_role;

-- The mirror of sales.transactions. Tributary would make it too; one that is there it checks, and does not alter unless the pipeline
-- says alter: true.
create table public.transactions (
  transaction_id text primary key,
  user_id bigint,
  amount numeric(12,2),
  currency text,
  status text,
  created_at timestamptz,
  updated_at timestamptz,
  cdc_timestamp timestamptz,
  cdc_op text,
  cdc_position text,
  cdc_deleted boolean);
-- PostgreSQL does not keep tables clustered: an index finds days, and users within them
create index transactions_created_at_user_id on public.transactions (created_at, user_id);
grant select, insert, update, delete on public.transactions to cdc_role;

create view public.active_transactions as
select transaction_id, user_id, amount, currency, status, created_at, updated_at
from public.transactions
where not cdc_deleted;

create view public.transaction_analytics as
select
  (created_at at time zone 'UTC')::date as transaction_date,
  status,
  count(*) as transaction_count,
  sum(amount) as total_amount,
  avg(amount) as average_amount,
  min(amount) as min_amount,
  max(amount) as max_amount
from public.active_transactions
group by 1, 2;

create view public.user_transaction_summary as
select
  user_id,
  count(*) as transaction_count,
  sum(amount) as total_amount,
  avg(amount) as average_amount,
  min(created_at) as first_transaction,
  max(created_at) as last_transaction
from public.active_transactions
group by 1;
