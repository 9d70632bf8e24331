"""The source of the workload: tables of six kinds that appear, change and go empty, and the load on them."""

import random
import threading
import time

PHASES = 12


class Table:
    """A table of one of six kinds; all have the helper column id, which counts its rows."""

    def __init__(self, number):
        self.kind = number % 6
        self.number = number
        self.name = f"t{number}" if self.kind != 3 else f'Odd "{number}" ż, (x)'
        self.sql = 'w."' + self.name.replace('"', '""') + '"'
        self.columns = ["id", "name", "n", "amount", "at", "seen", "day", "ok", "ratio"]
        self.own = {1: ["region"], 3: ["Näme"], 4: [f"c{i}" for i in range(20)], 5: ["key"]}.get(self.kind, [])
        self.n = "int"
        self.next = 0
        self.made = False
        self.since = 0

    def create(self):
        types = (
            "id bigint not null, name text, n int, amount numeric(12,2), at timestamptz, seen timestamp, day date, ok boolean, "
            "ratio double precision"
        )
        key, own = {
            0: ("primary key (id)", ""),
            1: ("primary key (region, id)", "region text, "),
            2: ("", ""),
            3: ('primary key ("Näme")', '"Näme" text, '),
            4: ("primary key (id)", "".join(f"c{i} int, " for i in range(20))),
            5: ("primary key (key)", "key uuid, "),
        }[self.kind]
        statements = [f"create table {self.sql} ({own}{types}{', ' + key if key else ''})"]
        if self.kind == 2:
            statements.append(f"alter table {self.sql} replica identity full")
        if self.kind not in (0, 4):
            statements.append(f"create index on {self.sql} (id)")  # or the load would be slow, not what it is a load of
        self.made = True
        return statements

    def insert(self, rows):
        first, self.next = self.next, self.next + rows
        own = {1: ["'r' || g % 5"], 3: ["'K-' || g"], 4: [f"g % {i + 2}" for i in range(20)], 5: ["md5(g::text)::uuid"]}.get(self.kind, [])
        values = {
            "id": "g / 2" if self.kind == 2 else "g",
            "name": "case when g % 11 = 0 then null else md5(g::text || 'n') end",
            "n": f"((g * 7919) % 1000)::{self.n}",
            "amount": "(g * 31 % 100000) / 100.0",
            "at": "'2024-02-29 23:59:59.999999+00'::timestamptz + g * interval '61.000007 s'",
            "seen": "'1969-12-31 23:59:59'::timestamp + g * interval '1.5 s'",
            "day": "'2026-01-01'::date - g::int % 400",
            "ok": "case g % 3 when 0 then true when 1 then false end",
            "fine": "g % 2 = 0",
            "ratio": "g / 7.0",
            "extra": "'e' || g",
        }
        names = [f'"{c}"' for c in self.own + self.columns if c in values or c in self.own]
        texts = own + [values[c] for c in self.columns if c in values]
        return f"insert into {self.sql} ({', '.join(names)}) select {', '.join(texts)} from generate_series({first}, {self.next - 1}) g"

    def change(self, dice, rows):
        """A statement that changes about so many rows."""
        low = dice.randrange(max(1, self.next))
        where = f"where id between {low} and {low + rows - 1}"
        roll = dice.random()
        if roll < 0.2:
            return f"delete from {self.sql} {where}"
        keys = {0: "id = id + 1000000000", 1: "region = region || 'x'", 3: '"Näme" = "Näme" || \'x\'', 5: "key = md5(key::text)::uuid"}
        if roll < 0.3 and self.kind in keys:
            return f"update {self.sql} set {keys[self.kind]} {where}"
        return (
            f"update {self.sql} set name = coalesce(md5(name), 'was null'), ratio = -ratio, amount = amount + 1 {where} and amount < 9000"
        )

    def alter(self, how):
        """One change of the table's columns, which leaves rows that no event tells of where PostgreSQL does."""
        if how == 0:
            self.columns.append("extra")
            return [f"alter table {self.sql} add column extra text"]
        if how == 1:
            self.columns.append("preset")
            return [f"alter table {self.sql} add column preset int default 7"]
        if how == 2:
            self.columns.remove("day")
            return [f"alter table {self.sql} drop column day"]
        if how == 3:
            self.n = "bigint"
            return [f"alter table {self.sql} alter n type bigint, alter amount type numeric(15,4)"]
        if how == 4:
            self.n = "text"
            return [f"alter table {self.sql} alter n type text using n::text"]
        self.columns[self.columns.index("ok")] = "fine"
        return [f"alter table {self.sql} rename ok to fine"]


class Load(threading.Thread):
    """Changes rows until it is told to stop; a table comes, goes empty or changes as the phases go on."""

    def __init__(self, connection, options):
        super().__init__(daemon=True)
        self.connection, self.options = connection, options
        self.dice = random.Random(options.seed)
        self.tables = [Table(i) for i in range(options.tables)]
        self.phase, self.done, self.stopped = 0, 0, False
        self.trouble = ""

    def execute(self, *statements):
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                self.done += max(0, cursor.rowcount)
        self.connection.commit()

    def prepare(self):
        self.execute("create schema w")
        for table in self.tables if self.options.steady else self.tables[: len(self.tables) * 4 // 5]:  # the others come later
            self.execute(*table.create(), table.insert(20))

    def run(self):
        try:
            began, last = time.monotonic(), 0
            while not self.stopped:
                while last < self.phase:
                    last += 1
                    self.turn(last)
                for table in self.tables:
                    if table.made:
                        rows = self.dice.randrange(4, 40)
                        self.execute(table.insert(rows), *(table.change(self.dice, rows // 2) for _ in range(2)))
                ahead = self.done / self.options.rate - (time.monotonic() - began)
                time.sleep(max(0.0, ahead))  # the pace
        except Exception as e:
            self.trouble = repr(e)

    def turn(self, phase):
        """What happens to tables once in a phase."""
        for table in self.tables:
            at = table.number % PHASES or PHASES - 1
            if not table.made and at % 4 == phase % 4:
                table.since = phase
                if table.number == 5:  # of four buckets: rows that come before Debezium sees the key would stay (KNOWN_LIMITS)
                    self.execute(*table.create())
                    self.execute(table.insert(20))
                else:
                    self.execute(*table.create(), table.insert(20))
            elif (
                table.made and phase == (at if at > table.since else at + 4) and table.number > 5
            ):  # those of the aggregates keep their columns
                self.execute(*table.alter((table.number + table.number // 6) % 6))  # of 42 tables each change of each kind
            elif table.made and table.number in (1, 2, 6) and phase == 5:
                self.execute(f"truncate {table.sql}")
