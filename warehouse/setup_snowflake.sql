-- What pipelines/snowflake.yaml needs, made by an administrator, once. Then:
--   alter user tributary set rsa_public_key = '<the public key, without its first and last line>';
use role accountadmin;

create warehouse if not exists cdc_wh warehouse_size = xsmall auto_suspend = 60 initially_suspended = true;
create database if not exists cdc_warehouse;
create schema if not exists cdc_warehouse.public;
-- the ledger and the staging tables; nobody else has business there
create schema if not exists cdc_warehouse.tributary;

create role if not exists cdc_role;
grant usage, operate on warehouse cdc_wh to role cdc_role;
grant usage on database cdc_warehouse to role cdc_role;
grant usage, create table, create view on schema cdc_warehouse.public to role cdc_role;
grant usage, create table on schema cdc_warehouse.tributary to role cdc_role;
create user if not exists tributary type = service default_role = cdc_role default_warehouse = cdc_wh;
grant role cdc_role to user tributary;

-- The mirror of sales.transactions. Tributary would make it too, but not clustered; one that is there it checks, and does not alter
-- unless the pipeline says alter: true.
use schema cdc_warehouse.public;
create table if not exists transactions (
  transaction_id varchar not null,
  user_id number(19,0),
  amount number(12,2),
  currency varchar,
  status varchar,
  created_at timestamp_tz(6),
  updated_at timestamp_tz(6),
  cdc_timestamp timestamp_tz(6),
  cdc_op varchar,
  cdc_position varchar,
  cdc_deleted boolean)
cluster by (to_date(created_at), user_id);
grant select, insert, update, delete on table transactions to role cdc_role;

create or replace view active_transactions as
select transaction_id, user_id, amount, currency, status, created_at, updated_at
from transactions
where not cdc_deleted;

create or replace view transaction_analytics as
select
  to_date(created_at) as transaction_date,
  status,
  count(*) as transaction_count,
  sum(amount) as total_amount,
  avg(amount) as average_amount,
  min(amount) as min_amount,
  max(amount) as max_amount
from active_transactions
group by 1, 2;

create or replace view user_transaction_summary as
select
  user_id,
  count(*) as transaction_count,
  sum(amount) as total_amount,
  avg(amount) as average_amount,
  min(created_at) as first_transaction,
  max(created_at) as last_transaction
from active_transactions
group by 1;
