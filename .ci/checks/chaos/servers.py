"""What the job needs around it: two sources, Kafka, Connect, an object store on a disk of its own, a warehouse."""

import json
import os
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..kit import connect
from ..kit.account import Failed, say, until
from ..kit.java import classpath, command
from ..kit.paths import HOME, LOG, RUN
from ..kit.postgres import Postgres
from ..kit.processes import free_port, processes
from ..kit.store import Minio
from .network import Network
from .source import Source

PASSWORD = "of the check"
DISK = 8 << 30


class Store(Minio):
    """On a disk that can be full, behind a relay."""

    def __init__(self, network):
        super().__init__()
        self.relay = network.relay(self.port)
        self.through = f"http://{self.relay.address}:{self.relay.port}"

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


class Servers:
    def __init__(self, options):
        self.network = Network(options.own)
        self.disks = {name: self.disk(name) for name in ("minio", "state")}
        self.sources = [Source(name, options.rate / 2, self.network, options.seed) for name in ("a", "b")]
        self.touched = self.sources[0]  # by the newest fault of one
        self.store = Store(self.network)
        self.warehouse = Postgres(RUN / "warehouse", "warehouse")
        self.warehouse_relay = self.network.relay(self.warehouse.port)
        self.kafka, self.connect = free_port(2), free_port()
        self.broker = self.worker = None

    def disk(self, name):
        """A file system in a file, so that it can be filled without harm to others."""
        image, folder = RUN / f"{name}.img", RUN / name
        folder.mkdir()
        if not self.network.own:
            return folder
        with image.open("wb") as file:
            file.truncate(DISK)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, folder], check=True)
        (folder / "lost+found").rmdir()
        return folder

    def start_servers(self):
        self.store.start("lake")
        bodies = [*(source.start for source in self.sources), self.warehouse.start, self.start_broker]
        with ThreadPoolExecutor(len(bodies)) as threads:
            for done in [threads.submit(body) for body in bodies]:
                done.result()
        self.warehouse.execute(f"create role mirror login password '{PASSWORD}'")
        self.grant()
        self.start_worker()
        for source in self.sources:
            self.apply(source)

    def grant(self):
        """What the job's role may do in the warehouse."""
        self.warehouse.execute(f"grant create on database {self.warehouse.database} to mirror", "grant all on schema public to mirror")

    def mend_servers(self):
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
        self.mend_connectors()

    def mend_connectors(self):
        """A task that has failed stays so until somebody restarts it, as `check --fix` does."""
        for source in self.sources:
            status = self.ask("GET", f"/connectors/{source.name}/status")
            failed = [each for each in (status["connector"], *status["tasks"]) if each["state"] == "FAILED"]
            if failed:
                say(f"      connector {source.name} had failed: {failed[0].get('trace', '').partition(chr(10))[0][:200]}")
                self.ask("POST", f"/connectors/{source.name}/restart?includeTasks=true&onlyFailed=true")

    @staticmethod
    def kill(process):
        processes.kill(process)

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
        text = connect.ask(self.connect, PASSWORD, method, path, body)
        return json.loads(text) if text else None
