"""The warehouse's password, where others could read it."""

import base64
import json
import urllib.request

from ..kit.account import expect, until
from ..kit.paths import HOME, RUN
from .doctor import CONNECTOR


class Secrets:
    def __init__(self, demo):
        self.demo = demo

    def secret(self):
        """The warehouse's password, where others could read it: the same places have what may be read."""
        with self.demo.database("warehouse") as mirror:
            ended = mirror.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where application_name = 'tributary' and datname = 'warehouse'"
            ).fetchone()[0]
        expect(ended > 0, f"{ended} connections of the job are cut", str(ended))
        log = self.demo.data / "tributary.log"
        until("the log tells of it", lambda: "jdbc:postgresql:" in log.read_text() and " again, after " in log.read_text(), 60, 1)
        said = []
        wrong = "canary-of-a-wrong-password"
        for command in (
            ["check"],
            [
                "run",
                "--config",
                HOME / "pipelines/demo.yaml",
                "--bounded",
                "--set",
                f"source.bootstrap={self.demo.kafka}",
                "--set",
                f"sinks.lake.path={RUN / 'other-lake'}",
                "--set",
                f"sinks.warehouse.url=jdbc:postgresql://127.0.0.1:{self.demo.ports['postgres']}/warehouse",
                "--set",
                f"sinks.warehouse.password={wrong}",
            ],
        ):
            said.append(self.demo.command(*command)[1])
        expect("password authentication failed" in said[-1], "a wrong password is named as that", said[-1])
        places = {
            "the commands": "\n".join(said).encode(),
            "the metrics": self.fetched(self.demo.ports["metrics"], "/metrics"),
            "the REST interface": self.rest(),
            "Connect": b"".join(
                self.fetched(self.demo.ports["connect"], path)
                for path in ("/connectors?expand=info&expand=status", f"/connectors/{CONNECTOR}/config")
            ),
        }
        for name in ("tributary.log", "flink", "kafka", "lake"):
            place = self.demo.data / name
            files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
            places[name] = b"".join(file.read_bytes() for file in files if file.exists())
        known = {name for name, content in places.items() if b"transactions" in content or b"warehouse: Writer" in content}
        expect(known == set(places), f"{len(places)} places are read, {sum(map(len, places.values())) >> 20} MiB", str(set(places) - known))
        secrets = [self.demo.password(), wrong]
        secrets += [base64.b64encode(one.encode()).decode().rstrip("=") for one in secrets]
        told = [name for name, content in places.items() if any(one.encode() in content for one in secrets)]
        expect(not told, "none of them has the password", str(told))

    @staticmethod
    def fetched(port, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.read()

    def rest(self):
        port = self.demo.ports["flink"]
        jobs = [one["id"] for one in json.loads(self.fetched(port, "/jobs"))["jobs"]]
        paths = ["/config", "/overview", "/jobs/overview", "/jobmanager/config", "/jobmanager/environment", "/taskmanagers"]
        for job in jobs:
            paths += [
                f"/jobs/{job}{part}"
                for part in ("", "/config", "/plan", "/exceptions", "/checkpoints", "/checkpoints/config", "/accumulators")
            ]
            paths += [f"/jobs/{job}/vertices/{one['id']}" for one in json.loads(self.fetched(port, f"/jobs/{job}"))["vertices"]]
        return b"".join(self.fetched(port, path) for path in paths)
