"""The source's side: its own log of what it changed, and a load."""

import random
import threading
import time

from ..kit.account import Failed, until

SEED = 20261125

# What the source changed, by its own account. A changed key is a delete and a create, as Debezium tells it.
LOG = """
create unlogged table tributary.log (
  id bigserial primary key, op text not null, at timestamptz not null default clock_timestamp(),
  b boolean not null, b_amount numeric, b_currency text, b_country text, b_city text, b_merchant text,
  a boolean not null, a_amount numeric, a_currency text, a_country text, a_city text, a_merchant text);

create function tributary.note(op text, b public.transactions, a public.transactions) returns void language sql as $$
  insert into tributary.log (op, b, b_amount, b_currency, b_country, b_city, b_merchant,
    a, a_amount, a_currency, a_country, a_city, a_merchant)
  values (op, (b).transaction_id is not null, (b).amount, (b).currency, (b).country, (b).city, (b).merchant_name,
          (a).transaction_id is not null, (a).amount, (a).currency, (a).country, (a).city, (a).merchant_name) $$;

create function tributary.on_row() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then perform tributary.note('c', null, new);
  elsif tg_op = 'DELETE' then perform tributary.note('d', old, null);
  elsif old.transaction_id <> new.transaction_id then
    perform tributary.note('d', old, null); perform tributary.note('c', null, new);
  else perform tributary.note('u', old, new);
  end if;
  return null;
end $$;

create function tributary.on_truncate() returns trigger language plpgsql as $$
begin
  perform tributary.note('gone', t, null) from public.transactions t;
  insert into tributary.log (op, b, a) values ('t', false, false);
  return null;
end $$;

select tributary.note('r', null, t) from public.transactions t order by ctid;
create trigger log_rows after insert or update or delete on public.transactions for each row execute function tributary.on_row();
create trigger log_truncates before truncate on public.transactions for each statement execute function tributary.on_truncate();
"""

# Rows that break the pipeline's rule.
BREAKING = """
insert into sales.transactions select gen_random_uuid(), 1, 1000, 'EUR', 'pending', now(), now() from generate_series(1, 5000)"""


class Workload:
    """Random changes of public.transactions, many rows in each statement, some statements in each transaction."""

    CITIES = [
        ("Warszawa", "Poland", "PLN"),
        ("Berlin", "Germany", "EUR"),
        ("Paris", "France", "EUR"),
        ("London", "United Kingdom", "GBP"),
        ("Austin", "United States", "USD"),
        ("Tokyo", "Japan", "JPY"),
        ("Praha", "Czechia", "CZK"),
        (None, None, None),
        ("Nowhere", "", "EUR"),
    ]
    INSERT = """
        insert into public.transactions (transaction_id, user_id, "timestamp", amount, currency, city, country, merchant_name)
        select 'k' || nextval('tributary.keys'), '7', now(),
          case when random() < 0.03 then null else round((random() * 200)::numeric ^ 2 / 8, 2) end,
          %(currency)s, %(city)s, %(country)s, 'Merchant ' || (random() * 20)::int from generate_series(1, %(rows)s)"""
    SOME = "(select transaction_id from public.transactions tablesample system_rows(%(rows)s))"
    STATEMENTS = [
        (40, INSERT),
        (20, f"update public.transactions set amount = round((random() * 6000)::numeric, 2) where transaction_id in {SOME}"),
        (
            12,
            "update public.transactions set city = %(city)s, country = %(country)s, currency = %(currency)s "
            f"where transaction_id in {SOME}",
        ),
        (6, f"update public.transactions set payment_method = 'card' where transaction_id in {SOME}"),
        (4, f"update public.transactions set transaction_id = 'k' || nextval('tributary.keys') where transaction_id in {SOME}"),
        (18, f"delete from public.transactions where transaction_id in {SOME}"),
    ]

    def __init__(self, connection, goal, rate=10**6, truncate_at=None, prepare=True):
        """Makes `goal` changes, at most `rate` a second, and truncates once; once in a database it has to `prepare`."""
        self.connection, self.goal, self.rate = connection, goal, rate
        self.truncate_at = truncate_at or goal * 0.55
        self.changes = 0
        self.trouble = None
        self.random = random.Random(SEED)
        if prepare:
            with connection.cursor() as cursor:
                cursor.execute("create extension tsm_system_rows; create sequence tributary.keys")
            connection.commit()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        try:
            truncated, began = False, time.monotonic()
            with self.connection.cursor() as cursor:
                cursor.execute("select setseed(0.25)")
                while self.changes < self.goal:
                    for _ in range(self.random.randint(1, 3)):
                        self.changes += self.change(cursor)
                    if not truncated and self.changes > self.truncate_at:
                        cursor.execute("truncate public.transactions")
                        truncated = True
                    self.connection.commit()
                    ahead = self.changes / self.rate - (time.monotonic() - began)
                    time.sleep(max(0.0, ahead))  # the pace
        except Exception as e:  # told by whoever waits
            self.trouble = e

    def change(self, cursor):
        statement = self.random.choices([s for _, s in self.STATEMENTS], [share for share, _ in self.STATEMENTS])[0]
        city, country, currency = self.random.choice(self.CITIES)
        rows = self.random.randint(1, 400 if statement is self.INSERT else 200)
        cursor.execute(statement, {"city": city, "country": country, "currency": currency, "rows": rows})
        return cursor.rowcount

    def await_share(self, share):
        self.await_changes(self.goal * share)

    def await_changes(self, changes):
        def reached():
            if self.trouble:
                raise Failed(f"the workload: {self.trouble}")
            return self.changes >= changes or not self.thread.is_alive()

        until(f"{changes:,.0f} changes are made", reached, 600)

    def end(self):
        """Wherever it is; what it has made is committed."""
        self.goal = 0
        self.thread.join(60)
        if self.trouble:
            raise Failed(f"the workload: {self.trouble}")


# Inserts, updates and deletes.
SALES = """
with made as (
  insert into sales.transactions
  select gen_random_uuid(), 1, round((random() * 400)::numeric, 2), 'EUR', 'pending', now(), now() from generate_series(1, %(rows)s)),
changed as (
  update sales.transactions set status = 'completed', updated_at = now()
  where transaction_id in (select transaction_id from sales.transactions where status = 'pending' limit %(rows)s))
delete from sales.transactions
where transaction_id in (select transaction_id from sales.transactions where status <> 'pending' limit %(rows)s / 2)"""


class Paced:
    """Runs a statement with so many rows a second."""

    def __init__(self, connection, rate, statement=Workload.INSERT):
        self.connection, self.rate, self.statement = connection, rate, statement
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        done, began = 0, time.monotonic()
        with self.connection.cursor() as cursor:
            while not self.ended.wait(0.02):
                due = int((time.monotonic() - began) * self.rate) - done
                cursor.execute(self.statement, {"city": "Berlin", "country": "Germany", "currency": "EUR", "rows": due})
                self.connection.commit()
                done += due

    def stop(self):
        self.ended.set()
        self.thread.join()
