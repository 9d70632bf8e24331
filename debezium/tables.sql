-- The tables of the demo and of docker-compose.yml's PostgreSQL; makes what is missing.
create schema if not exists sales;
create schema if not exists tributary;

create table if not exists public.transactions (
  transaction_id text primary key,
  user_id text,
  "timestamp" timestamptz,
  amount numeric(12,2),
  currency text,
  city text,
  country text,
  merchant_name text,
  payment_method text,
  ip_address text,
  voucher_code text,
  "affiliateId" text);

create table if not exists sales.transactions (
  transaction_id uuid primary key,
  user_id bigint,
  amount numeric(12,2),
  currency text,
  status text,
  created_at timestamptz,
  updated_at timestamptz);

create table if not exists sales.orders (
  region text,
  order_no bigint,
  customer jsonb,
  tags text[],
  quantities int[],
  weight numeric,
  ordered_on date,
  placed_at timestamp,
  signature bytea,
  note text,
  primary key (region, order_no));
-- not compressed, so that a long note is really kept apart from its row and missing in events of other columns
alter table sales.orders alter column note set storage external;

create table if not exists tributary.debezium_signal (
  id varchar(42) primary key,
  type varchar(32) not null,
  data varchar(2048));
-- numbers the runs of the generator, so that none makes a key twice
create sequence if not exists tributary.generator_runs;
