"""Many tables into a real MinIO, by a job that is killed: tables appear and change while it runs, keys change, tables are truncated.
Then every history has each change once, current rows are the source row for row and aggregates are what SQL says, for Delta Kernel,
deltalake, polars and DuckDB, and for a reader of the plain Parquet files: four histories are those alone, without a log where readers look.

Without --kills it dies once at each named point of a commit, at a savepoint, and goes on at another parallelism, from an older savepoint,
and without state over the lake it made; with --kills N it is killed N times at random. What changes is decided by --seed, and by how far
the load is when the job dies. With --mirror each table has a mirror too, with history, in a server that is killed as well.
"""

import argparse
import json
from functools import partial

from ..kit.account import expect, in_order, until
from ..kit.demo import Demo
from ..kit.paths import HOME, RUN
from ..kit.run import with_demo
from ..kit.store import Minio
from .deaths import Deaths
from .job import Job
from .judge import Judge
from .tables import Load
from .warehouses import WAREHOUSES

PIPELINE = """
name: workload
source:
  bootstrap: BOOTSTRAP
  topics: w\\..*|__debezium-heartbeat\\.w
tables:
  w.t5: {buckets: 4}
  w.t7: {format: parquet}
  w.t8: {format: parquet}
  w.t10: {format: parquet}
  'w.Odd "15" ż, (x)': {format: parquet}
AGGREGATESsinks:
  lake: {path: "s3://lake/w", current: {every: EVERY}}
"""
MIRROR = """  warehouse: {url: "URL", user: USER, password: "PASSWORD", history: true, deletes: DELETES, batch: {interval: 2s}}
"""
AGGREGATES = {  # name, definition, columns, what SQL says
    "by-region": (
        "{table: w.t1, group-by: region, count: true, sum: amount, min: n, max: amount, count-distinct: name}",
        "region, count, sum_amount, min_n, max_amount, distinct_name",
        "select region, count(*), sum(amount), min(n), max(amount), count(distinct name) from w.t1 group by 1",
    ),
    "large": (
        "{table: w.t4, count: true, sum: n, where: {amount: {min: 500}}}",
        "count, sum_n",
        "select count(*), sum(n) from w.t4 where amount >= 500",
    ),
    "pairs": (
        "{table: w.t1, join: {table: w.t0, on: {id: id}}, group-by: w.t0.day, count: true, sum: amount}",
        "day, count, sum_amount",
        "select t0.day, count(*), sum(t1.amount) from w.t1 join w.t0 using (id) group by 1",
    ),
}


class Checks:
    def __init__(self, demo, minio, options):
        self.demo, self.minio, self.options = demo, minio, options
        self.job = Job(RUN / "workload.yaml", minio)
        # over tables that there are
        self.aggregates = {name: each for name, each in AGGREGATES.items() if options.tables > 4 or "w.t4" not in each[0]}
        definitions = "aggregates:\n" + "".join(f"  {name}: {each[0]}\n" for name, each in self.aggregates.items())
        text = PIPELINE.replace("BOOTSTRAP", demo.kafka).replace("AGGREGATES", definitions).replace("EVERY", options.every)
        self.warehouse = WAREHOUSES[options.warehouse](self.job) if options.mirror else None
        self.pipeline = text
        self.load = Load(demo.database(), options)
        self.judge = Judge(demo, minio, self.job, self.load, self.aggregates, self.warehouse, options.steady)
        self.deaths = Deaths(self.job, self.load, self.warehouse, options)

    def connector(self):
        text = self.pipeline
        if self.warehouse:
            self.warehouse.start()
            text += (
                MIRROR.replace("URL", self.warehouse.url)
                .replace("USER", self.warehouse.user)
                .replace("PASSWORD", self.warehouse.password())
                .replace("DELETES", self.options.mirror)
            )
        self.job.pipeline.write_text(text)
        config = json.loads((HOME / "debezium" / "examples" / "csv.json").read_text())
        config["name"] = "workload"
        del config["config"]["table.exclude.list"]
        config["config"].update(
            {
                "schema.include.list": "w",
                "topic.prefix": "w",
                "slot.name": "w",
                "publication.name": "w",
                "producer.override.compression.type": "lz4",
            }
        )
        self.load.prepare()
        self.demo.sql("create publication w for all tables")  # as only a superuser can
        self.demo.connect("POST", "/connectors", config)

        def runs():
            tasks = json.loads(self.demo.connect("GET", "/connectors/workload/status"))["tasks"]
            return [task["state"] for task in tasks] == ["RUNNING"]

        until("the connector runs", runs)
        self.load.start()

    def arrival(self):
        """The load has its number of changes, and all of them are in the lake."""
        until(f"{self.options.events} rows changed", lambda: self.load.trouble or self.load.done >= self.options.events, 1800, pause=1)
        self.load.stopped = True
        self.load.join(60)
        expect(not self.load.trouble, f"{self.load.done} rows of {len(self.load.tables)} tables changed", self.load.trouble)
        self.judge.await_all()
        self.job.await_checkpoints(6)
        self.job.savepoint("stop")
        expect(True, f"all {sum(map(len, self.judge.events.values()))} events are in the lake")


def body(options, minio, demo):
    import duckdb_extensions

    duckdb_extensions.import_extension("delta")
    checks = Checks(demo, minio, options)
    judge = checks.judge
    try:
        in_order(
            ("a connector and its tables", checks.connector),
            ("a steady load" if options.steady else "kills", checks.deaths.all),
            ("arrival", checks.arrival),
            ("reading", judge.download),
            ("histories", judge.histories),
            ("current rows", judge.current),
            ("aggregates", judge.groups),
        )
    finally:
        if checks.warehouse:
            checks.warehouse.stop()


def main(arguments):
    parser = argparse.ArgumentParser(prog="workload", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=60)
    parser.add_argument("--events", type=int, default=60_000, help="rows to be changed, at least (default: %(default)s)")
    parser.add_argument("--rate", type=int, default=1_000, help="rows changed a second, at most (default: %(default)s)")
    parser.add_argument("--every", default="4s", help="how often current rows are written (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=0, help="how often the job is killed at random (default: at each named point)")
    parser.add_argument("--steady", type=int, default=0, help="no kills: so many seconds, in which memory must not grow")
    parser.add_argument("--short", action="store_true", help="every third of the points, and no savepoints")
    parser.add_argument("--mirror", choices=["hard", "soft"], help="mirrors too, with deletes of this kind; it dies at each step of those")
    parser.add_argument("--warehouse", choices=WAREHOUSES, default="postgresql", help="what has the mirrors (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=900, help="when the check gives up (default: %(default)s)")
    options = parser.parse_args(arguments)

    def make():
        minio.start("lake")
        return Demo(0)

    minio = Minio()
    return with_demo(options.seconds, make, partial(body, options, minio))
