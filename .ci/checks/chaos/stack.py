"""The stack: two sources, Kafka, Connect, an object store on a disk of its own, a warehouse, a Flink cluster and the job in it."""

import base64
import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path

from ..kit.account import Failed, expect, say, until
from ..kit.cluster import Cluster
from ..kit.java import classpath, command
from ..kit.paths import HOME, LOG, RUN
from ..kit.postgres import Postgres
from ..kit.processes import free_port, processes
from ..kit.store import Minio
from .network import Network
from .source import Source

PASSWORD = "of the check"
DISK = 8 << 30
PIPELINE = """name: chaos
source:
  bootstrap: KAFKA
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
  lake: {path: "s3://lake/chaos", current: {every: 5s}}
  warehouse:
    url: jdbc:postgresql://WAREHOUSE/warehouse
    user: mirror
    password: PASSWORD
    history: true
    batch: {rows: 1000, interval: 2s}
  dead-letters: {topic: chaos.dead-letters}
"""


class Store(Minio):
    """On a disk that can be full, behind a relay."""

    def __init__(self, network):
        super().__init__()
        self.relay = network.relay(self.port)
        self.through = f"http://{self.relay.address}:{self.port}"

    def flink_settings(self):
        return {**super().flink_settings(), "s3.endpoint": self.through}


class Clock:
    """The wall clock of the processes that have its environment."""

    def __init__(self):
        self.file, library = RUN / "clock", RUN / "clock.so"
        self.file.write_bytes(bytes(8))
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self.file)}

    def is_off_by(self, seconds):
        with self.file.open("r+b") as file:
            file.write(struct.pack("q", seconds))


class Stack:
    def __init__(self, options):
        self.network = Network()
        self.disks = {name: self.disk(name) for name in ("minio", "state")}
        self.sources = [Source(name, options.rate / 2, self.network, options.seed) for name in ("a", "b")]
        self.touched = self.sources[0]  # by the newest fault of one
        self.store = Store(self.network)
        self.warehouse = Postgres(RUN / "warehouse", "warehouse")
        self.warehouse_relay = self.network.relay(self.warehouse.port)
        self.kafka = free_port(2)
        self.connect = free_port()
        self.clock = Clock()
        self.broker = self.worker = self.cluster = self.job = None
        self.parallelism = 2
        self.pipeline = RUN / "chaos.yaml"
        self.poison = 0

    @staticmethod
    def disk(name):
        """A file system in a file, so that it can be filled without harm to others."""
        image, folder = RUN / f"{name}.img", RUN / name
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(DISK)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, folder], check=True)
        (folder / "lost+found").rmdir()
        return folder

    def start(self):
        self.store.start("lake")
        with_threads([*(source.start for source in self.sources), self.warehouse.start, self.start_broker])
        self.warehouse.execute(
            f"create role mirror login password '{PASSWORD}'",
            "grant create on database warehouse to mirror",
            "grant all on schema public to mirror",
        )
        self.start_worker()
        for source in self.sources:
            self.apply(source)
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

    @staticmethod
    def kill(process):
        processes.kill(process)

    # --- Kafka and Connect ---

    def start_broker(self):
        (RUN / "broker").mkdir(exist_ok=True)
        line = command("io.tributary.local.BrokerProcess", RUN / "broker" / "kafka", self.kafka, log="broker.log")
        self.broker = self.java("broker", line, stdin=subprocess.PIPE)
        self.says("broker", self.broker, "READY")

    def start_worker(self):
        env = [f"{name}_{key}={value}" for s in self.sources for name, key, value in self.settings_of(s)]
        line = command("io.tributary.local.ServerProcess", "connect", self.bootstrap(), self.connect, PASSWORD, *env, log="connect.log")
        self.worker = self.java("connect", line)
        self.says("connect", self.worker, "READY")

    @staticmethod
    def java(name, line, **options):
        return processes.start(name, line, env={**os.environ, "CLASSPATH": classpath()}, **options)

    @staticmethod
    def says(name, process, word):
        def said():
            if process.poll() is not None:
                raise Failed(f"{name} has ended: {(LOG / f'{name}.out').read_text(errors='replace')[-2000:]}")
            return word in (LOG / f"{name}.out").read_text(errors="replace")

        until(f"{name} is up", said, 120, 0.1)

    @staticmethod
    def settings_of(source):
        where = {"HOST": source.relay.address, "PORT": source.relay.port, "PASSWORD": source.postgres.password()}
        return [(source.name.upper(), key, value) for key, value in where.items()]

    def bootstrap(self):
        return f"127.0.0.1:{self.kafka}"

    def connector(self, source):
        """That of the project, for this source."""
        file = RUN / f"{source.name}.json"
        connector = json.loads((HOME / "debezium" / "postgres.json").read_text())
        name, upper = source.name, source.name.upper()
        connector["name"] = name
        connector["config"].update(
            {
                **{
                    f"database.{key}": f"${{env:{upper}_{value}}}"
                    for key, value in (("hostname", "HOST"), ("port", "PORT"), ("password", "PASSWORD"))
                },
                "database.user": "tributary",
                "database.dbname": "shop",
                "topic.prefix": name,
                "table.include.list": rf"{name}\..*",
                "slot.name": name,
                "publication.name": name,
                "replica.identity.autoset.values": f"{name}.moves:FULL",
                "signal.data.collection": "chaos.signal",
                "heartbeat.interval.ms": "3000",
            }
        )
        file.write_text(json.dumps(connector))
        return file

    def apply(self, source):
        self.ask("PUT", f"/connectors/{source.name}/config", json.loads(self.connector(source).read_text())["config"])
        until(f"connector {source.name} runs", lambda: self.connector_state(source) == ["RUNNING", "RUNNING"], 90)

    def connector_state(self, source):
        status = self.ask("GET", f"/connectors/{source.name}/status")
        return [status["connector"]["state"], *(task["state"] for task in status["tasks"])]

    def ask(self, method, path, body=None):
        login = base64.b64encode(f"tributary:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.connect}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    # --- the job ---

    def write_pipeline(self):
        place = f"{self.warehouse_relay.address}:{self.warehouse.port}"
        text = PIPELINE.replace("KAFKA", self.bootstrap()).replace("WAREHOUSE", place).replace("PASSWORD", PASSWORD)
        self.pipeline.write_text(text)

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

    def checkpoint(self):
        """Id and begin of the newest complete one, in seconds of the wall clock; none while Flink does not answer."""
        try:
            newest = self.job.get("/checkpoints")["latest"]["completed"]
            return (newest["id"], newest["trigger_timestamp"] / 1000) if newest else (0, 0.0)
        except (OSError, KeyError, ValueError):
            return 0, 0.0

    def tributary(self, *arguments, source=None, seconds=120):
        """./tributary against this stack: exit code and output."""
        from ..kit.paths import TRIBUTARY
        from ..kit.processes import output_of

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
        return all(found[name] >= changes for name, changes in goal.items())

    def mend(self):
        """What has died beside a fault is started again, as whoever operates it does."""
        for what, process, start in (
            ("the broker", self.broker, self.start_broker),
            ("Connect", self.worker, self.start_worker),
            ("the store", self.store.process, self.store.start),
        ):
            if process.poll() is not None:
                say(f"      {what} had ended by itself")
                processes.forget(process)
                start()
        for name, process in tuple(self.cluster.task_managers.items()):
            if process.poll() is not None:
                say(f"      {name} had ended by itself")
                processes.forget(self.cluster.task_managers.pop(name))
        while len(self.cluster.task_managers) < 2:
            self.cluster.add_task_manager()
        state = until("the job has a state", lambda: self.job.state(), 60)
        if state in ("FAILED", "CANCELED", "FINISHED"):
            expect(False, "the job goes on", f"{state}: {self.job.why()}")
            self.submit(self.newest_checkpoint())
        for source in self.sources:
            states = self.connector_state(source)
            if "FAILED" in states:
                trace = [task.get("trace", "")[:600] for task in self.ask("GET", f"/connectors/{source.name}/status")["tasks"]]
                say(f"      connector {source.name} had failed: {trace}")
                self.ask("POST", f"/connectors/{source.name}/restart?includeTasks=true&onlyFailed=true")

    def repair(self, *tables):
        code, output = self.tributary("repair", "--config", self.pipeline, "--wait", "60s", *tables, seconds=200)
        if code != 0 or "no mirror needs repair" in output:
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
        for folder in self.disks.values():
            subprocess.run(["umount", "-l", folder], check=False)


SETTINGS = {
    "execution.checkpointing.interval": "2s",
    "execution.checkpointing.timeout": "60s",
    "jobmanager.memory.process.size": "900m",
}


def with_threads(bodies):
    """All of them side by side; the first trouble of one is raised."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(bodies)) as threads:
        for done in [threads.submit(body) for body in bodies]:
            done.result()
