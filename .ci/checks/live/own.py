"""A database of one's own, as a newcomer brings it: init says what it lacks, an administrator mends that, up follows it, audit agrees.

Its tables have a composite key, a jsonb and an enum, no key, partitions. The role is no superuser, and owns none of them.
"""

import argparse
import contextlib
import json
import os
import shlex
import signal
import time

from ..kit.account import Failed, expect, in_order, until
from ..kit.lakes import Lake
from ..kit.paths import LOG, RUN, TRIBUTARY
from ..kit.postgres import Postgres
from ..kit.processes import free_port, output_of, processes
from ..kit.run import run

TABLES = (
    "create type mood as enum ('low', 'high')",
    "create table customers (id int primary key, name text, prefers jsonb, mood mood)",
    "create table lines (invoice int, line int, amount numeric(12,2), primary key (invoice, line))",
    "create table visits (at timestamptz, path text, cost numeric)",
    'create table "Odd Names" ("Id" int primary key, "A b" text)',
    "create table events (id bigint, day date, what text, primary key (id, day)) partition by range (day)",
    "create table events_old partition of events for values from ('2020-01-01') to ('2026-01-01')",
    "create table events_new partition of events for values from ('2026-01-01') to ('2040-01-01')",
    "create unlogged table scratch (id int primary key)",
)
ROWS = (
    "insert into customers select n, 'name ' || n, jsonb_build_object('n', n), (array['low', 'high'])[1 + n % 2]::mood"
    " from generate_series(1, 300) n",
    "insert into lines select n / 3, n % 3, n * 1.25 from generate_series(1, 300) n",
    "insert into visits select now(), '/' || n, n * 0.125 from generate_series(1, 50) n",
    "insert into \"Odd Names\" select n, 'x' from generate_series(1, 20) n",
    "insert into events select n, date '2025-12-01' + n % 60, 'e' from generate_series(1, 200) n",
)
CHANGES = (
    "update customers set name = 'changed', prefers = '{}' where id % 7 = 0",
    "delete from lines where invoice = 5",
    "update lines set line = line + 10 where invoice = 6",
    "delete from visits where path in ('/3', '/4')",
    "update visits set path = '/9' where path = '/8'",
    'update "Odd Names" set "A b" = \'y\' where "Id" < 5',
    "update events set what = 'moved', day = date '2026-02-01' where id < 20",
    "insert into customers values (1000, 'new', null, null)",
)
SECRET = "a password of 3 words"


class Own:
    def __init__(self):
        self.server = Postgres(RUN / "postgres", "shop")
        self.folder = RUN / "shop"
        self.environment = {**os.environ, "PG_PASSWORD": SECRET}
        self.up = None
        self.ports = {"kafka": free_port(2), "connect": free_port(), "flink": free_port(), "metrics": free_port()}

    def ours(self, *arguments, seconds=240, **more):
        return output_of([TRIBUTARY, *arguments], seconds, {**self.environment, "TRIBUTARY_DEMO": str(RUN / "data"), **more})

    def prepare(self):
        self.server.start()
        self.server.execute(
            *TABLES,
            *ROWS,
            "analyze",
            f"create role follower login password '{SECRET}'",
            "revoke create on schema public from public",
        )
        with self.server.connect(autocommit=True) as connection:
            connection.execute("create database warehouse owner follower")

    def init(self, *options):
        return self.ours(
            *("init", self.folder, "--pg-host", "127.0.0.1", "--pg-port", self.server.port, "--pg-database", "shop"),
            *("--pg-user", "follower", "--warehouse", f"jdbc:postgresql://127.0.0.1:{self.server.port}/warehouse"),
            *("--warehouse-user", "follower", *options),
        )

    def lacks(self):
        code, output = self.init()
        expect(code == 1 and "administrator.sql" in output, "init says what an administrator must do, and exits 1", output)
        expect("public.customers" in output and "key invoice, line" in output, "it shows tables and keys", output)
        self.next_command = output.partition("after that: ")[2].strip()
        expect("scratch (unlogged)" in output, "it says what it leaves out", output)
        expect("events_old" not in output, "partitions are rows of their table", output)
        statements = (self.folder / "administrator.sql").read_text()
        for statement in (
            'alter role "follower" replication',
            'grant select on "public"."lines" to "follower"',
            'alter table "public"."visits" replica identity full',
            "with (publish_via_partition_root = true)",
            "create schema if not exists tributary",
        ):
            expect(statement in statements, f"the administrator is to run: {statement}", statements)
        expect(SECRET not in output + statements + (self.folder / "connector.json").read_text(), "the password is nowhere")
        code, output = self.init()
        expect(code == 2 and "--force" in output, "nothing is written over", output)

    def mended(self):
        with self.server.connect() as connection:
            connection.execute((self.folder / "administrator.sql").read_text())
        code, output = self.ours(*shlex.split(self.next_command)[1:])
        expect(code == 0 and "./tributary up" in output, "the command that init printed has nothing to say, and names the next one", output)
        pipeline = (self.folder / "pipeline.yaml").read_text()
        expect(
            "\n  warehouse:" in pipeline and "WAREHOUSE_USER:follower" in pipeline, "what was chosen at first is in the pipeline", pipeline
        )
        expect(not (self.folder / "administrator.sql").exists(), "and no statement is left")
        connector = json.loads((self.folder / "connector.json").read_text())["config"]
        expect(connector["publication.autocreate.mode"] == "disabled", "the publication is the administrator's", connector)

    def starts(self):
        command = [TRIBUTARY, "up", self.folder, "--data", RUN / "data"]
        for name, port in self.ports.items():
            command += [f"--{name}-port", port]
        environment = {**self.environment, "WAREHOUSE_PASSWORD": SECRET}
        self.up = processes.start("up", command, stop_signal=signal.SIGINT, env=environment)

        def is_up():
            if self.up.poll() is not None:
                raise Failed("up has ended:\n" + (LOG / "up.out").read_text()[-2000:])
            return "tributary: up in" in (LOG / "up.out").read_text()

        until("up is up", is_up, 120)

    def agrees(self, what):
        code, output = self.ours("audit", "--wait", "2m", WAREHOUSE_PASSWORD=SECRET)
        expect(code == 0 and output.count("agree") >= 5 and "DIFFER" not in output, what, output)

    def follows(self):
        began = time.monotonic()
        self.starts()
        self.agrees("five tables agree in lake and mirror")
        expect(True, f"{time.monotonic() - began:.0f} s from up to an audit that agrees")
        self.server.execute(*CHANGES)
        self.agrees("after changes too")
        total = self.server.rows("select sum(cost) from visits")[0][0]
        lake = Lake(self.folder / "lake")

        def summed():  # current rows come every minute
            from deltalake.exceptions import TableNotFoundError

            with contextlib.suppress(TableNotFoundError):
                return sum(lake.rows("current/public.visits")["cost"].to_pylist()) == total

        until("a numeric without precision can be summed in the lake", summed, 90, 1)
        expect(True, f"a numeric without precision can be summed in the lake: {total}")
        _, output = self.ours("check", "--component", "postgres,kafka,debezium,flink,lake,warehouse", WAREHOUSE_PASSWORD=SECRET)
        expect("wrong" not in output.replace("nothing is wrong", ""), "check finds it without options, and nothing is wrong", output)

    def later(self):
        """A table that comes while all runs, as the how-to says; its rows were there before."""
        self.server.execute(
            "create table public.refunds (id int primary key, why text)",
            "insert into public.refunds select n, 'w' from generate_series(1, 40) n",
        )
        expect(self.server.rows("select count(*) from public.refunds")[0][0] == 40, "a table that comes later")
        (self.folder / "pipeline.yaml").write_text((self.folder / "pipeline.yaml").read_text() + "# an edit\n")
        code, output = self.init("--force")
        expect(code == 1 and 'add table "public"."refunds"' in output, "init says what the administrator must do for a new table", output)
        expect(f"--pg-port {self.server.port}" in output, "the next command is whole", output)
        code, output = self.ours("connectors", "apply")
        expect(code == 2 and "lacks public.refunds" in output, "without that, the connector is not applied", output)
        with self.server.connect() as connection:
            connection.execute((self.folder / "administrator.sql").read_text())
        code, output = self.init("--force")
        expect(code == 0 and "# an edit" in (self.folder / "pipeline.yaml").read_text(), "an edited pipeline stays as it is", output)
        code, output = self.ours("connectors", "apply")
        expect(code == 0 and "a snapshot of public.refunds is asked for" in output, "its snapshot is asked for", output)
        self.agrees("the new table agrees too, with the rows that were there")
        rows = Lake(self.folder / "lake").rows("raw-kafka-data/public.refunds").num_rows
        expect(rows >= 40, f"its history has {rows} rows")
        self.server.execute("alter publication tributary_shop drop table tributary.debezium_signal")
        code, output = self.ours("connectors", "snapshot", "public.refunds")
        expect(code == 2 and "alter publication" in output, "a request that nobody would see is refused", output)
        code, output = self.ours("check", "--component", "postgres", WAREHOUSE_PASSWORD=SECRET)
        expect(code == 1 and "no snapshot can be asked for" in output, "check names it", output)
        self.server.execute("alter publication tributary_shop add table tributary.debezium_signal")
        code, output = self.ours(
            "init",
            self.folder,
            "--force",
            "--pg-host",
            "127.0.0.1",
            "--pg-port",
            self.server.port,
            "--pg-database",
            "warehouse",
            "--pg-user",
            "follower",
        )
        expect(code == 2 and "is of 127.0.0.1" in output, "files of another database are not written over", output)
        code, output = self.ours("check")
        expect(code == 2 and "WAREHOUSE_PASSWORD" in output, "without a password of the pipeline's, check says so", output)

    def goes_on(self):
        processes.stop(self.up)
        expect("stopped" in (LOG / "up.out").read_text(), "Ctrl-C stops it")
        self.server.execute("delete from customers where id < 10", "insert into visits values (now(), '/later', 0.03125)")
        self.starts()
        expect("resumed" in (LOG / "up.out").read_text(), "the same command goes on", (LOG / "up.out").read_text())
        self.agrees("what changed meanwhile is there, also a number of more digits than the sample had")
        processes.stop(self.up)

    def refuses(self):
        code, output = output_of([TRIBUTARY, "up", self.folder, "--data", RUN / "data"], 60, {**os.environ})
        expect(code == 2 and "PG_PASSWORD" in output, "without its password, up says so", output)
        wrong = {"WAREHOUSE_PASSWORD": "not this", "TRIBUTARY_DEMO": str(RUN / "other")}
        code, output = self.ours("up", self.folder, "--data", RUN / "other", **wrong)
        expect(code in (2, 3) and "sinks.warehouse" in output, "a warehouse that lets nobody in is named before the job runs", output)
        code, output = self.ours("up", RUN / "nowhere")
        expect(code == 2 and "init" in output, "without its files, up says what writes them", output)
        code, output = self.init("--force", "--tables", r"public\.nothing")
        expect(code == 2 and "public.customers" in output, "a pattern of no table is refused, with the tables there are", output)


def body():
    own = Own()
    try:
        in_order(
            ("a database", own.prepare),
            ("what it lacks", own.lacks),
            ("mended", own.mended),
            ("followed", own.follows),
            ("a table that comes later", own.later),
            ("stopped, and gone on", own.goes_on),
            ("refusals", own.refuses),
        )
    finally:
        processes.stop_all()
        own.server.stop()


def main(arguments):
    argparse.ArgumentParser(prog="own", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args(arguments)
    return run(600, body)
