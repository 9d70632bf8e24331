"""One whole local stack, started once, as another user; and one session cluster beside it, which reads the same Kafka.

Both jobs go through a load with deaths, a savepoint and a rescale; then metrics are what SQL says, and lake, mirror and source agree.
Then the demo is broken and mended by what the doctor says, killed, started again, and audited by itself.
"""

import argparse
import os
import sys
import threading
from pathlib import Path

from ..kit.account import Failed, expect, in_order, until
from ..kit.paths import TRIBUTARY
from ..kit.processes import processes
from ..kit.prometheus import Prometheus
from ..kit.run import run
from ..kit.store import Minio
from ..metrics.exact import Exactness
from ..metrics.source import LOG as CHANGE_LOG
from ..metrics.source import SALES, Paced, Workload
from ..metrics.truth import LABELS, TRUTH
from . import letters, report
from .audits import Audits
from .cluster_job import ClusterJob
from .csv_files import CsvFiles
from .doctor import Doctor
from .killed import lake_end
from .notebook import expect_runs
from .page import Page
from .secrets import Secrets
from .sockets import Sockets
from .user import AnotherUser

RATE, TRUNCATED, LEAST = 250, 8_000, 20_000  # changes of public.transactions a second, before it is truncated, and in all
ENDLESS = 10**9
OTHER_RATE = 20  # of each other table
CHECKPOINT = 2.0
LONGEST = 2400  # seconds; beside the suite it takes 600 on a quick machine
START_SECONDS = 60  # what README promises at most
BOUNDED = {"cdc_current_amount_eur", "cdc_amount_eur_sum", "cdc_amount_eur_count"}  # labels that the demo may call `other`
IDLE = {"cdc_rejected_total", "cdc_duplicates_total", "cdc_late_total", "cdc_sink_waiting_seconds", "cdc_ignored_total"}


class Beside(threading.Thread):
    """Sections that go on beside the others; what they print has their name."""

    def __init__(self, name, *sections):
        super().__init__(name=name, daemon=True)
        self.sections = sections
        self.start()

    def run(self):
        in_order(*self.sections)

    def end(self):
        self.join(LONGEST / 3)
        if self.is_alive():
            raise Failed(f"{self.name}: not done within {LONGEST / 3:.0f} s")


class Live:
    def __init__(self, user, minio):
        self.user, self.minio = user, minio
        self.demo = user.demo(0)
        self.audits = Audits(self.demo)
        self.doctor = Doctor(self.demo)
        self.on_cluster = ClusterJob(self.demo, minio)
        self.prometheus = Prometheus()
        self.scraped = set()
        self.work = None
        self.generator = self.sales = None

    # --- the start ---

    def is_up(self):
        self.demo.await_up()
        took = self.demo.seconds_to_start()
        expect(took <= START_SECONDS, f"the demo is up in {took:.0f} s, as another user", took)
        self.demo.sql(CHANGE_LOG)  # before anything changes

    def scrape(self):
        """Shows Prometheus the endpoints that answer now, and those that ever did: one may be too busy just now."""
        self.scraped.update((self.demo.ports["metrics"], self.demo.ports["page"], *self.on_cluster.cluster.metric_ports()))
        self.prometheus.show(sorted(self.scraped))

    # --- the load ---

    def load(self):
        self.scrape()
        self.work = Workload(self.demo.database(), ENDLESS, RATE, TRUNCATED)
        self.sales = Paced(self.demo.database(), OTHER_RATE, SALES)
        mix = "insert=40,update=45,delete=15"
        command = [TRIBUTARY, "generate", "--to", "postgres", "--table", "sales.orders", "--rate", OTHER_RATE, "--mix", mix]
        self.generator = processes.start("generate", command, env={**os.environ, "TRIBUTARY_DEMO": str(self.demo.data)})
        expect(True, f"{RATE} changes a second of one table, {OTHER_RATE} of the others")

    def under_load(self):
        """The cluster's job dies and moves, while the demo's is asked."""
        self.work.await_changes(LEAST * 0.1)
        cluster = Beside(
            "cluster",
            ("cluster: a killed TaskManager", self.loses_a_task_manager),
            ("cluster: a savepoint and a rescale", self.is_rescaled),
            ("cluster: the store away", self.on_cluster.waits_for_its_store),
        )
        in_order(
            ("an audit under load", self.audits.audit),
            ("as of one cut", self.audits.one_cut),
            ("the password", Secrets(self.demo).secret),
        )
        cluster.end()

    def loses_a_task_manager(self):
        self.on_cluster.loses_a_task_manager()
        self.scrape()

    def is_rescaled(self):
        self.on_cluster.is_rescaled()
        self.scrape()

    def load_ends(self):
        self.work.await_changes(LEAST)
        self.work.end()
        processes.stop(self.generator)
        self.sales.stop()
        expect(self.work.changes >= LEAST, f"{self.work.changes:,} changes made")

    # --- what must be exact then ---

    def metrics(self):
        self.scrape()
        on_cluster, own = (Exactness(self.demo, self.prometheus, name) for name in ("cluster", "demo"))
        on_cluster.await_all(CHECKPOINT)
        own.await_all(CHECKPOINT)
        on_cluster.agree()
        own.agree([name for name in TRUTH if name not in BOUNDED])
        on_cluster.never_back()
        on_cluster.labels([name for name in LABELS if name not in IDLE])
        on_cluster.source_labels()

    # --- the end ---

    def killed(self):
        """With -9 under load; started again on the same data it has everything once, by its own audit."""
        before = lake_end(self.demo)
        load = Workload(self.demo.database(), ENDLESS, 500, prepare=False)
        until("the lake has rows of this load", lambda: lake_end(self.demo) > before + 1000, 60)
        processes.kill(self.demo.process)
        load.thread.join(30)
        file = self.demo.data.parent / "report.json"
        self.demo.start(500, "--for", "10s", "--report", file)
        code = self.demo.await_end(240)
        expect(code == 0, "killed in the middle and started again: source, lake and mirror agree", self.demo.output()[-3000:])
        result = report.read(file)
        report.expect_agreement(result, self.doctor.swept)
        report.Readers(self.demo.lake(), self.doctor.swept).all(result)


def body(options):
    user = AnotherUser()
    minio = Minio()
    live = None
    try:
        minio.start("lake")
        live = Live(user, minio)
        job = live.on_cluster
        cluster = Beside("cluster", ("cluster: a session cluster", job.starts))
        in_order(("the demo", live.is_up))
        cluster.end()
        cluster = Beside("cluster", ("cluster: flink run", job.arrives))
        Page(live.demo, options.screenshots).all()
        in_order(("dead letters", lambda: letters.expect_letter(live.demo)))
        cluster.end()
        in_order(("sockets", Sockets(live.demo, job.cluster).of_all))
        in_order(
            ("a load", live.load),
            ("deaths under load", live.under_load),
            ("the end of the load", live.load_ends),
            ("metrics against SQL", live.metrics),
        )
        cluster = Beside(
            "cluster",
            ("cluster: a fresh job over lake and mirror", job.starts_afresh),
            ("cluster: lake, mirror and source", job.is_exact),
            ("cluster: aggregates", job.aggregates),
            ("cluster: a refusal", job.refuses),
            ("cluster: its end", job.ends),
        )
        in_order(("the notebook", lambda: expect_runs(live.demo.lake(), sys.executable)), ("CSV files", CsvFiles(live.demo).all))
        cluster.end()
        in_order(*live.doctor.sections(live.audits), ("killed and started again", live.killed))
    finally:
        processes.stop_all()
        if live:
            live.demo.end_database()
        user.remove()


def main(arguments):
    parser = argparse.ArgumentParser(prog="live", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="writes the page as seen, light and dark")
    options = parser.parse_args(arguments)
    return run(LONGEST, lambda: body(options))
