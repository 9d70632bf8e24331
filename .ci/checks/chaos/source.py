"""A source: a PostgreSQL with three tables, the load on it, and a tally of each change in the transaction that makes it."""

import random
import threading
import time

from ..kit.paths import RUN
from ..kit.postgres import Postgres

WINDOW = 4000  # rows that a table has at most, about
SMALL = 12  # rows of a step
TABLES = ("accounts", "moves", "notes")
PREPARE = """
create schema {0}; create schema chaos;
create table {0}.accounts (id bigint primary key, n bigint not null, name text, country text, currency text, amount numeric(12,2),
  at timestamptz, day date, ratio double precision, code int);
create table {0}.moves (id bigint primary key, n bigint not null, note text);
alter table {0}.moves replica identity full;
create table {0}.notes (id bigint primary key, n bigint not null, body text, seen timestamp);
alter table {0}.notes alter body set storage external;
create table chaos.tally (tbl text, op char, changes bigint not null default 0, primary key (tbl, op));
create table chaos.signal (id varchar(64) primary key, type varchar(32) not null, data text);
insert into chaos.tally select t, o from unnest(array['accounts', 'moves', 'notes']) t, unnest(array['c', 'u', 'd']) o;
"""
VALUES = {
    "accounts": "g, 1, md5(g::text), 'C' || g % 7, 'EUR', (g * 31 % 100000) / 100.0, timestamptz '2026-01-01' + g * interval '1.000001 s',"
    " date '2026-01-01' + (g % 365)::int, g / 7.0, g % 1000",
    "moves": "g, 1, 'row ' || g",
    "notes": "g, 1, repeat(md5(g::text), 90), timestamp '2026-01-01' + g * interval '1 s'",
}
CHANGES = {
    "accounts": "n = n + 1, amount = amount + 1, country = 'C' || (g.id + n) % 7, ratio = -ratio",
    "moves": "n = n + 1, note = note || '.'",
    "notes": "n = n + 1, seen = seen + interval '1 ms'",
}


class Source:
    def __init__(self, name, rate, network, seed):
        self.name, self.rate = name, rate
        self.postgres = Postgres(RUN / f"source-{name}", "shop")
        self.relay = network.relay(self.postgres.port)
        self.dice = random.Random(f"{seed} {name}")
        self.paused, self.stopped, self.idle = threading.Event(), False, threading.Event()
        self.done, self.trouble = 0, ""
        self.journal = None  # what is changed while it is a list: name, op, id and n
        self.extra, self.altered = [], 0  # columns that came since
        self.thread = threading.Thread(target=self.load, name=f"Thread-{name}", daemon=True)

    def start(self):
        self.postgres.start()
        with self.postgres.connect() as connection:
            connection.execute(PREPARE.format(self.name))

    def load(self):
        """Changes rows at its rate; where the server is away it waits, and never makes up for what was not asked for meanwhile."""
        while not self.stopped:
            try:
                with self.postgres.connect(autocommit=True) as connection:
                    self.at_pace(connection)
            except Exception as e:
                self.trouble = str(e)
                time.sleep(0.3)  # before it tries again

    def at_pace(self, connection):
        ends = {
            t: connection.execute(f"select coalesce(min(id), 1), coalesce(max(id), 0) + 1 from {self.name}.{t}").fetchone() for t in TABLES
        }
        began, done = time.monotonic(), self.done
        while not self.stopped:
            if self.paused.is_set():
                self.idle.set()
                time.sleep(0.05)  # until it may go on
                began, done = time.monotonic(), self.done
                continue
            table = self.dice.choices(TABLES, (6, 3, 1))[0]
            ends[table] = self.step(connection, table, *ends[table])
            ahead = (self.done - done) / self.rate - (time.monotonic() - began)
            if ahead < -2:
                began, done = time.monotonic(), self.done
            time.sleep(max(0.0, ahead))  # the pace

    def step(self, connection, table, low, end):
        """One transaction: rows come, change and go, or move to other keys; the tally has just those."""
        qualified, counts = f"{self.name}.{table}", {"c": 0, "u": 0, "d": 0}
        changed = self.dice.randrange(SMALL, 4 * SMALL)
        rows = self.dice.randrange(1, 2 * SMALL)
        at = self.dice.randrange(low, max(end - changed, low + 1))
        made = []  # op, id, n
        with connection.transaction():

            def does(statement, *ops, moved=0):
                """Those it changes; a row that moved is gone where it was."""
                rows = connection.execute(f"{statement} returning id, n").fetchall()
                for op in ops:
                    counts[op] += len(rows)
                    made.extend((op, id - moved if op == "d" else id, n) for id, n in rows)

            does(f"insert into {qualified} select {VALUES[table]} from generate_series({end}, {end + rows - 1}) g", "c")
            end += rows
            more = "".join(f", {column} = 'n ' || n" for column in self.extra) if table == "accounts" else ""
            does(f"update {qualified} g set {CHANGES[table]}{more} where id between {at} and {at + changed - 1}", "u")
            gone = max(0, end - low - WINDOW)
            if table == "moves" and self.dice.random() < 0.5:
                by = end - low
                does(f"update {qualified} set id = id + {by}, n = n + 1 where id between {low} and {low + SMALL - 1}", "c", "d", moved=by)
                low, end = low + SMALL, end + SMALL
            elif gone:
                does(f"delete from {qualified} where id between {low} and {low + gone - 1}", "d")
                low += gone
            for op, count in counts.items():
                connection.execute("update chaos.tally set changes = changes + %s where tbl = %s and op = %s", (count, table, op))
        if self.journal is not None:
            self.journal.extend((qualified, *each) for each in made)
        self.done += sum(counts.values())
        return low, end

    def alter(self, dice):
        """A statement that adds a column to its accounts, or drops one.

        Types stay: PostgreSQL 18.6 was seen to send rows of before an altered type as if they were of after it,
        once its connector came back.
        """
        if self.extra and dice.random() < 0.4:
            column = self.extra.pop(0)
            return f"alter table {self.name}.accounts drop column if exists {column}"
        self.altered += 1
        column = f"extra_{self.altered}"
        self.extra.append(column)
        return f"alter table {self.name}.accounts add column if not exists {column} text"

    def pause(self):
        """Until nothing is under way."""
        self.idle.clear()
        self.paused.set()

    def resume(self):
        self.paused.clear()

    def end_journal(self, table=None):
        """What was changed of the table, or of all, since the journal is kept; it is not any more."""
        made, self.journal = self.journal, None
        return [each for each in made if each[0] == (table or each[0])]

    def tally(self):
        return {(f"{self.name}.{t}", op): n for t, op, n in self.postgres.rows("select tbl, op, changes from chaos.tally")}

    def columns(self, table):
        known = "select column_name from information_schema.columns where table_schema = '{}' and table_name = '{}' order by 1"
        return [row[0] for row in self.postgres.rows(known.format(self.name, table))]
