"""The job jar on a session cluster beside the demo: lake and checkpoints in an object store, a mirror, metrics, aggregates."""

import re

from ..cluster.jar import expect_lean, expect_licences
from ..kit.account import expect, until
from ..kit.cluster import Cluster
from ..kit.lakes import Lake, expect_exact
from ..kit.paths import RUN
from ..metrics.truth import METRICS

AGGREGATES = {  # name, definition, columns, what SQL says
    "by-country": (
        "{table: public.transactions, group-by: country, count: true, sum: amount, min: amount, max: amount, count-distinct: city}",
        "country, count, sum_amount, min_amount, max_amount, distinct_city",
        "select country, count(*), sum(amount), min(amount), max(amount), count(distinct city) from public.transactions group by 1",
    ),
    "large": (
        "{table: public.transactions, count: true, where: {amount: {min: 100}}}",
        "count",
        "select count(*) from public.transactions where amount >= 100",
    ),
    "pairs": (
        "{table: public.transactions, join: {table: sales.transactions, on: {currency: currency}}, "
        "group-by: sales.transactions.status, count: true}",
        "status, count",
        "select s.status, count(*) from public.transactions p join sales.transactions s using (currency) group by 1",
    ),
}
PIPELINE = f"""name: cluster
source:
  bootstrap: BOOTSTRAP
  topics: cdc\\.(public\\.transactions|sales\\..*)|__debezium-heartbeat\\.cdc
tables:
  public.transactions: {{buckets: 4}}
  sales.transactions: {{buckets: 4}}
{METRICS}aggregates:
{"".join(f"  {name}: {each[0]}" + chr(10) for name, each in AGGREGATES.items())}sinks:
  lake: {{path: "s3://lake/cluster", current: {{every: 4s}}}}
  warehouse: {{url: "WAREHOUSE", user: tributary, password: "PASSWORD", history: true, batch: {{rows: 1000, interval: 2s}}}}
  dead-letters: {{topic: cluster.dead-letters}}
"""


class ClusterJob:
    def __init__(self, demo, minio):
        self.demo, self.minio = demo, minio
        self.cluster = Cluster(minio.flink_settings())
        self.lake = Lake("s3://lake/cluster", minio.options())
        self.pipeline = RUN / "cluster.yaml"
        self.job = None

    def starts(self):
        expect_lean()
        expect_licences()
        self.cluster.start()
        expect(True, "a session cluster of two TaskManagers")

    def arrives(self):
        self.demo.make_database("mirror")
        text = PIPELINE.replace("BOOTSTRAP", self.demo.kafka).replace("WAREHOUSE", self.demo.jdbc("mirror"))
        self.pipeline.write_text(text.replace("PASSWORD", self.demo.password()))
        self.job = self.cluster.submit(self.pipeline, 1).await_running()
        self.lake.await_level(Lake(self.demo.lake()), what="rows arrive")
        code, listed = self.cluster.flink("list")
        expect(
            code == 0 and re.search(rf"{self.job.id} : \S+ \(RUNNING\)", listed),
            "flink run: rows arrive in the object store, flink list shows RUNNING",
            listed[-500:],
        )
        expect(self.job.restarts() == 0, "nothing has failed since", self.job.why())

    def loses_a_task_manager(self):
        victim = self.job.lose_task_manager()
        expect(victim not in self.job.task_managers(), f"{victim} killed in the middle: the job recovers without it")

    def is_rescaled(self):
        savepoint = self.job.stop("s3://lake/savepoints")
        self.job = self.cluster.submit(self.pipeline, 3, savepoint).await_running()
        self.job.await_checkpoints(2)
        expect(True, "stopped with a savepoint in the object store, restored from it at parallelism 3")

    def waits_for_its_store(self):
        processes, failures = set(self.cluster.task_managers), self.job.restarts()
        self.minio.stop()
        try:
            told = until("the store is missed", lambda: self.job.misses_store(failures), 60)
            expect(told, f"the store is away: {told[:150]}")
        finally:
            self.minio.start()
        self.job.await_running().await_checkpoints(2)
        running = {name for name, process in self.cluster.task_managers.items() if process.poll() is None}
        expect(running == processes, "no TaskManager has ended of it", running)
        expect(True, "the store is back: checkpoints go on")

    def starts_afresh(self):
        """Without state, over the lake and the mirror there are; as-of, audit and histories come after that."""
        self.job.cancel()
        before = self.lake.fences()
        self.demo.sql("update public.transactions set city = 'Afresh' where amount > 900")
        self.job = self.cluster.submit(self.pipeline, 2).await_running()
        self.lake.await_level(Lake(self.demo.lake()))
        after = self.lake.fences()
        expect(after["public.transactions"] > before["public.transactions"], "submitted afresh: it catches up and goes on", (before, after))
        suppressed, _ = self.cluster.sample("suppressed")
        expect(suppressed > 0, f"what the lake had already was left out ({suppressed:,.0f} rows)")

    def is_exact(self):
        expect_exact(self.lake, Lake(self.demo.lake()), "lake in the object store")
        code, output = self.demo.command("audit", "--config", self.pipeline, seconds=240)
        expect(code == 0 and "source and sinks agree" in output, "./tributary audit: source, lake and mirror agree", output[-3000:])
        changes = self.demo.sql("select count(*), count(distinct cdc_position) from public.transactions_history", database="mirror")[0]
        history = self.lake.history("public.transactions").num_rows
        expect(changes[0] == changes[1] == history, f"the mirror's history has each of {history:,} changes once", changes)

    def aggregates(self):
        for name, (_, columns, statement) in AGGREGATES.items():
            rows = self.lake.rows(name)
            found = sorted(map(repr, zip(*(rows.column(c.strip()).to_pylist() for c in columns.split(",")), strict=True)))
            truth = sorted(map(repr, self.demo.sql(statement)))
            expect(found == truth and truth, f"aggregate {name} is what SQL says, {len(found)} groups", (found[:2], truth[:2]))

    def refuses(self):
        wrong = RUN / "wrong.yaml"
        wrong.write_text(self.pipeline.read_text().replace("topics:", "topic:"))
        code, output = self.cluster.flink("run", "-d", self.cluster.jar, "--config", wrong)
        lines = [line for line in output.splitlines() if "tributary: " in line]
        trace = re.search(r"^\s+at \S+\(|Exception", output, re.MULTILINE)
        expect(
            code != 0 and len(lines) == 1 and "source.topic" in lines[0] and not trace,
            f"a wrong pipeline file is one line: {lines[0] if lines else 'no word'}",
            f"exit {code}\n{output[-1500:]}",
        )

    def ends(self):
        self.job.cancel()
        self.cluster.stop()
