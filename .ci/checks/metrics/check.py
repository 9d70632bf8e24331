"""300,000 random changes, through kills, rescales and restores, into a real Prometheus; then how soon a change is seen.

A trigger writes the source's own change log; what Prometheus has of the job in the end must be what SQL makes of that log, to the
digit, and no counter may have gone back. Then: every contract name and label, every query of the dashboards, how soon a change is
seen, rejections, and a connector that falls silent beside an idle table.
"""

import argparse
import random
import re
import statistics
import time
from functools import partial

from ..kit.account import expect, in_order, say, until
from ..kit.cluster import Cluster
from ..kit.demo import Demo
from ..kit.paths import RUN
from ..kit.prometheus import Prometheus
from ..kit.run import with_demo
from .exact import Exactness
from .source import BREAKING, LOG, Paced, Workload
from .truth import METRICS, TABLE

CHECKPOINT = 2.0  # as the cluster has it
PIPELINE = f"""name: exact
source:
  bootstrap: BOOTSTRAP
  topics: cdc\\..*|__debezium-heartbeat\\.cdc
tables:
  public.transactions: {{buckets: 4}}
  sales.transactions: {{buckets: 4, rules: {{amount: {{max: 500}}}}}}
  sales.orders: {{buckets: 4}}
{METRICS}sinks:
  lake: {{path: LAKE}}
breaker: {{share: 1}}
"""


class Checks:
    def __init__(self, demo, options):
        self.demo, self.options = demo, options
        self.cluster = Cluster(java="-XX:+TieredCompilation")  # its speed is looked at
        self.cluster.start()
        self.prometheus = Prometheus()
        self.exact = Exactness(demo, self.prometheus, "exact")
        self.pipeline = RUN / "exact.yaml"
        self.pipeline.write_text(PIPELINE.replace("BOOTSTRAP", demo.kafka).replace("LAKE", str(RUN / "lake")))
        self.job = None

    def scrape(self):
        """Shows Prometheus the endpoints that answer now: the JobManager's, the TaskManagers', and the demo's."""
        self.prometheus.show([self.demo.ports["metrics"], self.demo.ports["page"], *self.cluster.metric_ports()])

    def workload(self):
        self.demo.sql(LOG)
        self.demo.sql(BREAKING)
        self.job = self.cluster.submit(self.pipeline, 2).await_running()
        self.scrape()
        began = time.monotonic()
        work = Workload(self.demo.database(), self.options.changes)
        work.await_share(0.15)
        self.kill()
        work.await_share(0.4)
        for parallelism in (3, 2, 3):  # under load, more than once: where one source task is idle, a stop once failed every other time
            savepoint = self.job.stop((RUN / "savepoints").as_uri())
            self.job = self.cluster.submit(self.pipeline, parallelism, savepoint).await_running()
            self.job.await_checkpoints(1)
            say(f"      stopped with a savepoint, restored at parallelism {parallelism}")
        work.await_share(0.65)
        self.kill()
        work.await_share(0.85)
        say("      cancelled, restored from its newest checkpoint at parallelism 1")
        self.job.await_checkpoints(1)
        self.job.cancel()
        newest = self.job.get("/checkpoints")["latest"]["completed"]["external_path"]
        self.job = self.cluster.submit(self.pipeline, 1, newest).await_running()
        work.await_share(1)
        work.thread.join()
        say(f"      {work.changes:,} changes in {time.monotonic() - began:.0f} s")
        self.exact.await_all(CHECKPOINT)

    def kill(self):
        say(f"      {self.job.lose_task_manager()} killed")
        self.scrape()

    def numbers(self):
        self.exact.agree()
        Exactness(self.demo, self.prometheus, "demo").agree(["cdc_transactions_total"])

    def names(self):
        self.exact.labels()
        self.exact.source_labels()

    def later(self):
        self.exact.await_all(CHECKPOINT)
        self.exact.agree()

    def rejections(self):
        self.demo.sql(BREAKING)
        until("RejectedShare fires", lambda: self.exact.fires("RejectedShare", pipeline="exact"), 150, 1)
        expect(True, "RejectedShare fires")

    # --- how soon ---

    def latency(self):
        """At 500 changes a second: how long from an insert's commit until an endpoint shows it."""
        paced = Paced(self.demo.database(), 500)
        tps, totals, freshness = [], [], []
        try:
            until("500 changes a second", lambda: 400 < self.shown("cdc_tps", TABLE) < 700, 30)
            first = self.job.checkpoint()
            until("the job, which was just restored, has warmed up", lambda: self.is_warm(first), 180, 1)
            for _ in range(self.options.trials):
                until("sales.orders is idle", lambda: self.shown("cdc_tps", "sales.orders") == 0, 10, 0.1)
                before = self.created()
                self.demo.sql(f"insert into sales.orders (region, order_no) values ('check', {time.time_ns()})")
                began = time.monotonic()
                until("cdc_tps", lambda: self.shown("cdc_tps", "sales.orders") > 0, 10, 0.02)
                tps.append(time.monotonic() - began)
                freshness.append(self.shown("cdc_freshness_seconds", TABLE))
                until("cdc_transactions_total", lambda before=before: self.created() > before, 20, 0.05)
                totals.append(time.monotonic() - began)
                time.sleep(random.random() * CHECKPOINT)  # the next comes at another moment of a checkpoint: no wait for anything
        finally:
            paced.stop()
        self.within("an insert is in cdc_tps", tps, 1, 2)
        self.within("cdc_freshness_seconds", freshness, 1, 2)
        self.within("an insert is in cdc_transactions_total", totals, CHECKPOINT + 1, CHECKPOINT + 1)

    def created(self):
        return self.shown("cdc_transactions_total", "sales.orders", 'op="c"')

    def is_warm(self, first):
        """Whether six checkpoints after this one were quick, the newest: under load the first of a new process are not."""
        history = self.job.get("/checkpoints")["history"]
        newest = sorted((one["id"], one["end_to_end_duration"]) for one in history if one["status"] == "COMPLETED" and one["id"] > first)[
            -6:
        ]
        return len(newest) == 6 and all(millis < CHECKPOINT / 2 * 1000 for _, millis in newest)

    @staticmethod
    def within(what, seconds, p50, p99):
        ordered = sorted(seconds)
        middle, most, worst = statistics.median(ordered), ordered[-2], ordered[-1]
        # of so few, one may have met a pause of the machine
        expect(
            middle <= p50 and most <= p99 and worst <= 2 * p99,
            f"{what}: p50 {middle:.2f} s, worst {worst:.2f} s of {len(ordered)}, all but one within {most:.2f} s",
            f"allowed {p50} and {p99} s",
        )

    def shown(self, name, table, label=""):
        """One value, from the endpoint that has it: Prometheus would add its interval."""
        for line in self.cluster.samples():
            if re.match(rf"[a-zA-Z_]*_{name}\{{", line) and f'table="{table}"' in line and label in line:
                return float(line.rpartition(" ")[2])
        return 0.0

    # --- a connector that falls silent ---

    def silence(self):
        fires = self.exact.fires
        self.demo.connector("pause")
        began = time.monotonic()
        until("ConnectorSilent fires", lambda: fires("ConnectorSilent", connector="cdc", pipeline="exact"), 90, 0.5)
        told = time.monotonic() - began
        expect(told <= 60, f"a connector that fell silent is told after {told:.0f} s")
        expect(fires("ConnectorNotRunning", connector="tributary-postgres"), "ConnectorNotRunning fires")
        self.demo.connector("resume")
        until("both resolve", lambda: not fires("ConnectorSilent") and not fires("ConnectorNotRunning"), 60, 0.5)
        expect(True, "both resolve")
        age = 'max_over_time(cdc_heartbeat_age_seconds{pipeline="exact"}[20s])'
        idle = max(value for series, value in self.prometheus.query(age))
        fresh = 'cdc_freshness_seconds{pipeline="exact"}'
        until("idle tables are fresh", lambda: all(value < 15 for _, value in self.prometheus.query(fresh)), 30, 0.5)
        expect(not fires("NotFresh", pipeline="exact"), "idle tables of a connector that is alive are fresh", f"{idle}")


def body(options, demo):
    checks = Checks(demo, options)
    in_order(
        (f"{options.changes:,} changes, kills, rescales and restores", checks.workload),
        ("totals, sums and buckets", checks.numbers),
        ("counters", checks.exact.never_back),
        ("names and labels", checks.names),
        ("queries of the dashboards", checks.exact.dashboards),
        ("how soon", checks.latency),
        ("after that, too", checks.later),
        ("rejections", checks.rejections),
        ("a silent connector", checks.silence),
    )


def main(arguments):
    parser = argparse.ArgumentParser(prog="metrics", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=300_000, help="rows to be changed (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=20, help="how often the delay is looked at (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=1200, help="when the check gives up (default: %(default)s)")
    options = parser.parse_args(arguments)
    return with_demo(options.seconds, lambda: Demo(0), partial(body, options), java="-XX:+TieredCompilation")
