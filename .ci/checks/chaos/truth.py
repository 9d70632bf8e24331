"""The model: what the sources' tables and tallies say must be in each sink, to the row."""

import contextlib
import json
import re
import time
from collections import Counter

from ..kit.account import say
from ..workload.readers import plain
from .source import TABLES

SWEPT = "swept"  # the delete of a row that a snapshot did not have: of no transaction, and no change that the source made
PLACE = r"substring(cdc_position from '^\d+:\d+')"  # partition and offset


class Truth:
    """Compares while the load rests; says what differs once the job has had time to bring everything."""

    def __init__(self, stack):
        import duckdb

        self.stack = stack
        self.files = {}  # of each history, those that were read
        self.seen = duckdb.connect()
        self.seen.execute("create table seen (tbl text, file text, id bigint, n bigint, op text, part int, pos bigint)")
        self.rows = self.changes = self.missing = 0
        self.there = 0  # changes of dead letters that the lake has all the same
        self.noted = set()  # of what connectors lost
        self.unapplied = set()  # of them, those whose events were not applied
        self.unsent = set()  # tables of which an update that leaves a value out came before its row
        self.tallies = {}
        self.life = stack.life

    def names(self):
        return [(source, table, f"{source.name}.{table}") for source in self.stack.sources for table in TABLES]

    def agree(self, seconds):
        """What differs after so many seconds; nothing, as soon as nothing differs."""
        for source in self.stack.sources:
            source.pause()
        try:
            end = time.monotonic() + seconds
            for source in self.stack.sources:
                if not source.idle.wait(max(1.0, end - time.monotonic())):
                    return [f"the load on {source.name} does not rest: {source.trouble}"]
            self.tallies = {}
            for source in self.stack.sources:
                self.tallies |= source.tally()
            self.changes = sum(self.tallies.values())
            while True:
                with contextlib.suppress(Exception):  # the lake, or Connect, may still be away
                    self.note_letters()
                wrong = self.attempt({key: changes - self.stack.before[key] for key, changes in self.tallies.items()})
                if not wrong or time.monotonic() > end:
                    return wrong
                self.stack.repair_what_says_so()
                if wrong[0].startswith(("mirror of", "current/")):  # all has come, and a row is missing or old
                    self.snapshot_unsent()
                time.sleep(0.5)  # the next checkpoint
        finally:
            for source in self.stack.sources:
                source.resume()

    def note_letters(self):
        """Changes that became dead letters, as it was announced: the histories lack them, and nothing else."""
        lost_creates = set()
        letters = self.table("rejected").to_pyarrow_dataset().to_table(columns=["reason", "table", "value", "headers"])
        for letter in letters.to_pylist():
            name, reason = letter["table"], letter["reason"]
            if reason == "half-key-change":  # a create that a connector lost as it was stopped: a snapshot brings its row
                newest = re.findall(r'id\\?":\s*(\d+)', letter["headers"])[-1]
                n = re.search(r'"before":\{[^}]*"n":(\d+)', letter["value"].decode())[1]
                lost = (name, "c", int(newest), int(n) + 1)
            elif reason in ("late", "unsent"):  # another partition was ahead, or behind, and the source had left a value out
                event = json.loads(letter["value"])
                event = event.get("payload", event)
                lost = (name, event["op"], event["after"]["id"], event["after"]["n"])
            else:
                continue
            if lost not in self.noted:
                if reason == "half-key-change":
                    lost_creates.add(name)
                elif reason == "unsent":
                    self.unsent.add(name)
                self.noted.add(lost)
                if reason != "half-key-change":
                    self.unapplied.add(lost)
                self.stack.letters.add(lost)
                self.stack.lost.append(lost)
                say(f"      announced: {name} lacks {lost[1]} of {lost[2]} ({reason})")
        for name in lost_creates:
            self.snapshot(name)

    def snapshot(self, name):
        self.stack.snapshot(next(source for source in self.stack.sources if name.startswith(f"{source.name}.")), name)

    def snapshot_unsent(self):
        """As KNOWN_LIMITS.md says of such rows; before all has come, what is behind would be taken for newer."""
        while self.unsent:
            self.snapshot(self.unsent.pop())

    def attempt(self, expected):
        """The cheap first: the others are asked when it agrees."""
        if self.stack.lost:
            expected = self.less_the_lost(expected)
        for compare in (self.metrics, self.histories, self.mirror, self.current):
            try:
                if wrong := compare(expected):
                    return wrong
            except Exception as e:  # a sink that is still away
                return [f"{compare.__name__} cannot be asked: {type(e).__name__} {e}"]
        return []

    def less_the_lost(self, expected):
        """Of what was announced as lost, what the lake has not; everything else must have just the same."""
        for _, _, name in self.names():
            self.read(name)
        missing = Counter()
        self.there = 0
        for name, op, id, n in set(self.stack.lost):
            known = "select count(*) from seen where tbl = ? and op = ? and id = ?" + ("" if op == "d" else f" and n = {n}")
            if not self.seen.execute(known, [name, op, id]).fetchone()[0]:
                missing[(name, op)] += 1
            else:
                self.there += (name, op, id, n) in self.unapplied
        self.missing = sum(missing.values())
        return {key: changes - missing[key] for key, changes in expected.items()}

    def metrics(self, expected):
        found, rejected = Counter(), 0
        for line in self.stack.cluster.samples():
            if match := re.match(r'\w*cdc_transactions_total\{.*?\bop="(\w)".*?\btable="([\w.]+)"', line) or re.match(
                r'\w*cdc_transactions_total\{.*?\btable="([\w.]+)".*?\bop="(\w)"', line
            ):
                op, table = sorted(match.groups(), key=len)
                found[(table, op)] += round(float(line.rpartition(" ")[2]))
            elif "cdc_rejected_total{" in line:
                rejected += round(float(line.rpartition(" ")[2]))
        met = self.stack.job_before  # a job without state counts what the topics have
        truth = {key: self.tallies[key] - met[key] if key in met else value for key, value in expected.items()}
        letters = sum(self.stack.poison.values()) + self.stack.gaps + len(self.stack.letters)
        # A job without state reads partitions side by side: it may reject what sinks have from before. Each of those is counted as
        # rejected, and not as applied; where a letter of before tells of it, there is no second one.
        again = self.there + rejected - letters
        excused = {lost[:2] for lost in self.unapplied} if again > 0 else set()
        unapplied = sum(truth[key] - found[key] for key in excused if key in truth)
        wrong = [
            f"metrics of {key}: {found[key]} for {value}" for key, value in truth.items() if found[key] != value and key not in excused
        ]
        if again != unapplied or any(truth[key] < found[key] for key in excused if key in truth):
            wrong.append(f"metrics: {rejected} rejected for {letters}, {unapplied} not applied for {again}")
        return wrong

    def mirror(self, expected):
        wrong, self.rows = [], 0
        with self.stack.warehouse.connect() as connection:
            for source, table, name in self.names():
                columns = source.columns(table)
                quoted = ", ".join(f'"{column}"' for column in columns)
                truth = Counter(tuple(map(plain, row)) for row in source.postgres.rows(f"select {quoted} from {name}"))
                found = Counter(tuple(map(plain, row)) for row in connection.execute(f"select {quoted} from {name}").fetchall())
                self.rows += sum(truth.values())
                wrong += differ(f"mirror of {name}", found, truth)
                swept = "select distinct part || ':' || pos from seen where tbl = ? and op = ?"
                counts = connection.execute(
                    f"select cdc_op, count(*), count(distinct cdc_position) from {name}_history"
                    f" where not (cdc_op = 'd' and {PLACE} = any(%s)) group by 1",
                    [[row[0] for row in self.seen.execute(swept, [name, SWEPT]).fetchall()]],
                ).fetchall()
                wrong += self.once(f"mirror's history of {name}", name, counts, self.less_the_gaps(connection, name, expected))
        return wrong

    def less_the_gaps(self, connection, name, expected):
        """What a mirror's history says of itself that it has lost, and not a change more; places are those of the lake's history."""
        gaps = connection.execute(
            "select kafka_partition, first_lost, next_there from cdc_gaps where mirror = %s",
            [".".join(f'"{part}"' for part in name.split("."))],
        ).fetchall()
        if not gaps:
            return expected
        in_gaps = " or ".join(f"(part = {partition} and pos >= {first} and pos < {after})" for partition, first, after in gaps)
        noted = self.seen.execute(f"select op, part || ':' || pos from seen where tbl = ? and ({in_gaps})", [name]).fetchall()
        # where a ledger was lost, it is noted from the beginning on, whatever the history has
        there = {row[0] for row in connection.execute(f"select {PLACE} from {name}_history").fetchall()}
        lost = Counter(op for op, place in noted if place not in there)
        return {(table, op): value - (lost[op] if table == name else 0) for (table, op), value in expected.items()}

    def current(self, expected):
        wrong = []
        for source, table, name in self.names():
            columns = source.columns(table)
            truth = Counter(tuple(map(plain, row)) for row in source.postgres.rows(f"select {', '.join(columns)} from {name}"))
            rows = self.table(f"current/{name}").to_pyarrow_table().to_pydict()
            wrong += differ(f"current/{name}", Counter(zip(*([plain(v) for v in rows[c]] for c in columns))), truth)
        return wrong

    def histories(self, expected):
        wrong = []
        for _, _, name in self.names():
            self.read(name)
            counts = self.seen.execute(
                "select op, count(*), count(distinct (part, pos)) from seen where tbl = ? group by 1", [name]
            ).fetchall()
            wrong += self.once(f"history of {name}", name, counts, expected)
            changes = f"select op, id, n, count(*) from seen where tbl = ? and op not in ('r', '{SWEPT}')"
            twice = changes + " group by 1, 2, 3 having count(*) > 1 limit 2"
            if found := self.seen.execute(twice, [name]).fetchall():
                wrong.append(f"history of {name}: one change in two places: {found}")
        return wrong

    @staticmethod
    def once(what, name, counts, expected):
        """As many changes of each kind as the source made, each at a place of its own."""
        found = {op: (rows, places) for op, rows, places in counts}
        return [
            f"{what}: {op} has {found.get(op, (0, 0))} rows and places for {number} changes"
            for (table, op), number in expected.items()
            if table == name and found.get(op, (0, 0)) != (number, number)
        ]

    def table(self, path):
        from deltalake import DeltaTable

        return DeltaTable(f"s3://lake/{self.stack.lake()}/{path}", storage_options=self.stack.store.options())

    def read(self, name):
        """The files of the history that came since; one that compaction has replaced goes."""
        import pyarrow.fs
        import pyarrow.parquet

        if self.life != self.stack.life:
            self.life = self.stack.life
            self.files.clear()
            self.seen.execute("delete from seen")
        now = set(self.table(f"raw-kafka-data/{name}").file_uris())
        before = self.files.get(name, set())
        for file in before - now:
            self.seen.execute("delete from seen where tbl = ? and file = ?", [name, file])
        options = self.stack.store.options()
        store = pyarrow.fs.S3FileSystem(
            access_key=options["AWS_ACCESS_KEY_ID"],
            secret_key=options["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=options["AWS_ENDPOINT_URL"],
            region="us-east-1",
        )
        for file in now - before:
            part = pyarrow.parquet.read_table(
                file.removeprefix("s3://"), filesystem=store, columns=["id", "n", "_op", "_tx", "_partition", "_offset"], partitioning=None
            )
            self.seen.register("part", part)
            op = f"case when _op = 'd' and _tx is null then '{SWEPT}' else _op end"
            self.seen.execute(f"insert into seen select ?, ?, id, n, {op}, _partition, _offset from part", [name, file])
        self.files[name] = now


def differ(what, found, truth):
    more, less = found - truth, truth - found
    if not more and not less:
        return []
    return [f"{what}: {sum(found.values())} rows for {sum(truth.values())}; lacks {list(less)[:1]}, has {list(more)[:1]}"]
