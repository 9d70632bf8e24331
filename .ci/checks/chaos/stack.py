"""A Flink cluster beside the servers, the job in it, and what an operator does to it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter

from ..kit.account import Failed, expect, say, until
from ..kit.cluster import Cluster
from ..kit.paths import RUN, TRIBUTARY
from ..kit.processes import output_of, processes
from .servers import PASSWORD, Clock, Servers

PIPELINE = """name: chaos
source:
  bootstrap: KAFKA
  on-gap: ONGAP
  topics: (a|b)\\.(a|b)\\..*|__debezium-heartbeat\\.(a|b)
tables:
  a.accounts: {buckets: 2}
metrics:
  payments:
    table: a.accounts
    amount: amount
    currency: {column: currency, to: EUR, rates: {}}
    labels: [country]
sinks:
  lake: {path: "s3://lake/LIFE", current: {every: 5s}}
  warehouse:
    url: jdbc:postgresql://WAREHOUSE
    user: mirror
    password: PASSWORD
    history: true
    batch: {rows: 1000, interval: 2s}
  dead-letters: {topic: chaos.dead-letters}
"""


class Stack(Servers):
    def __init__(self, options):
        super().__init__(options)
        self.clock = Clock()
        self.cluster = self.job = None
        self.parallelism = 2
        self.poison = Counter()  # records that are none, by topic
        self.poison_gone = Counter()  # of them, those that the topics have not any more
        self.gaps = 0  # ranges that the job went on behind
        self.letters = set()  # changes that are dead letters: as in lost
        self.lost = []  # changes that may be missing, as it was announced: name, op, id and n
        self.floors = Counter()  # of a topic that begins later: the changes before, by table and op
        self.before = Counter()  # of those, what the lake of now has never had
        self.job_before = Counter()  # and what the job of now has never met
        self.life = 1
        self.requested = False  # a repair that the command gave up on, and the job may still do
        self.mending = threading.Lock()
        self.pipeline = RUN / "chaos.yaml"
        self.more = ""  # of the pipeline
        self.anew = 0.0  # when a job without state was submitted last

    def start(self):
        self.start_servers()
        self.write_pipeline()
        self.cluster = Cluster({**self.store.flink_settings(), **SETTINGS, **self.places()})
        self.cluster.task_manager_environment = self.clock.environment
        self.cluster.start()
        for source in self.sources:
            source.thread.start()
        self.submit()

    def places(self):
        return {
            "execution.checkpointing.dir": (self.disks["state"] / "checkpoints").as_uri(),
            "execution.checkpointing.savepoint-dir": self.savepoints(),
        }

    def savepoints(self):
        return (self.disks["state"] / "savepoints").as_uri()

    # --- the job ---

    def lake(self):
        return f"chaos-{self.life}"

    def write_pipeline(self, on_gap="fail"):
        place = f"{self.warehouse_relay.address}:{self.warehouse_relay.port}/{self.warehouse.database}"
        text = PIPELINE.replace("KAFKA", self.bootstrap()).replace("WAREHOUSE", place).replace("PASSWORD", PASSWORD)
        self.pipeline.write_text(text.replace("LIFE", self.lake()).replace("ONGAP", on_gap) + self.more)

    def submit(self, path=None):
        def accepted():
            try:
                return self.cluster.submit(self.pipeline, self.parallelism, path)
            except Failed as e:  # what it needs to look at may be away: a user tries again
                say(f"      not submitted: {str(e)[-300:]}")
                return None

        self.job = until("the job is submitted", accepted, 180, 2)

    def newest_checkpoint(self):
        """Of all jobs there were."""
        found = sorted((self.disks["state"] / "checkpoints").glob("*/chk-*/_metadata"), key=lambda file: file.stat().st_mtime)
        return found[-1].parent.as_uri() if found else None

    def tributary(self, *arguments, source=None, seconds=120):
        """./tributary against this stack: exit code and output."""
        source = source or self.touched
        environment = {
            **{k: v for k, v in os.environ.items() if k != "CLASSPATH"},
            "PG_HOST": source.relay.address,
            "PG_PORT": str(source.relay.port),
            "PG_DB": "shop",
            "PG_USER": "tributary",
            "PG_PASSWORD": source.postgres.password(),
            "CONNECT_URL": f"http://127.0.0.1:{self.connect}",
            "CONNECT_PASSWORD": PASSWORD,
            "FLINK_URL": f"http://127.0.0.1:{self.cluster.rest}",
            "METRICS_URL": ",".join(f"http://127.0.0.1:{port}/metrics" for port in self.cluster.metric_ports()),
            "AWS_ENDPOINT_URL": self.store.through,
        }
        return output_of([TRIBUTARY, *arguments], seconds, environment)

    def check(self, *arguments, source=None):
        """What ./tributary check says now, but what is well."""
        source = source or self.touched
        code, output = self.tributary(
            "check", "--config", self.pipeline, "--connector", RUN / f"{source.name}.json", "--json", *arguments, source=source
        )
        begin = output.find("[ {")
        if begin < 0:
            return [{"level": "wrong", "component": "check", "what": f"exit {code}: {output[-500:]}", "remedy": ""}]
        return [one for one in json.JSONDecoder().raw_decode(output[begin:])[0] if one["level"] != "ok"]

    def tallies(self):
        """How many changes each source has made; of one that is away, none."""
        found = {}
        for source in self.sources:
            with contextlib.suppress(Exception):
                found[source.name] = sum(source.tally().values())
        return found

    def has_counted(self, goal):
        """Whether the metrics, which are those of a complete checkpoint, have so many."""
        found = Counter()
        for line in self.cluster.samples():
            if "cdc_transactions_total{" in line and (match := re.search(r'\btable="(\w+)\.', line)):
                found[match[1]] += float(line.rpartition(" ")[2])
        return all(found[name] >= changes - self.never_counted(name) for name, changes in goal.items())

    def never_counted(self, name):
        """Of a source: what was announced as lost, and what the job of now has never met."""
        lost = sum(table.startswith(f"{name}.") for table, *_ in set(self.lost))
        return lost + sum(changes for (table, _), changes in self.job_before.items() if table.startswith(f"{name}."))

    def mend(self):
        """What has died beside a fault is started again, as whoever operates it does."""
        self.mend_servers()
        for name, process in tuple(self.cluster.task_managers.items()):
            if process.poll() is not None:
                say(f"      {name} had ended by itself")
                processes.forget(self.cluster.task_managers.pop(name))
        while len(self.cluster.task_managers) < 2:
            self.cluster.add_task_manager()
        self.mend_lost_upload()
        state = until("the job has a state", lambda: self.job.state(), 60)
        if state in ("FAILED", "CANCELED", "FINISHED"):
            expect(False, "the job goes on", f"{state}: {self.job.why()}")
            self.submit(self.newest_checkpoint())

    def mend_lost_upload(self):
        """A store whose disk is full may lose what it has taken: the job says so and ends, and one without state takes what is lacking."""
        if not self.mending.acquire(blocking=False):
            return
        try:
            with contextlib.suppress(Exception):  # the JobManager may be away
                if self.job.state() == "FAILED" and (told := re.search("the store has lost the file .*", self.job.why(None))):
                    say(f"      announced: {told[0][:200]}")
                    self.submit_without_state()
        finally:
            self.mending.release()

    def repair(self, *tables):
        """Of all that need it, once the job has seen that any does; a request that was given up before may have been met since."""
        code, output = self.tributary("repair", "--config", self.pipeline, "--wait", "60s", *tables, seconds=200)
        requested, self.requested = self.requested, "no answer within" in output
        if code != 0 or ("no mirror needs repair" in output and not requested):
            raise Failed(f"repair ended {code}: {output[-400:]}")

    def stop(self):
        for source in self.sources:
            source.stopped = True
        for process in (self.broker, self.worker, *(self.cluster.task_managers.values() if self.cluster else ())):
            with contextlib.suppress(OSError, AttributeError):
                process.send_signal(signal.SIGCONT)
        processes.stop_all()
        for server in (*(source.postgres for source in self.sources), self.warehouse):
            server.stop()
        time.sleep(0.5)  # they close their files
        for folder in self.disks.values() if self.network.own else ():
            subprocess.run(["umount", "-l", folder], check=False)


SETTINGS = {
    "execution.checkpointing.interval": "2s",
    "execution.checkpointing.timeout": "60s",
    "jobmanager.memory.process.size": "900m",
}
