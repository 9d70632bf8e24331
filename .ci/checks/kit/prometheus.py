"""A real Prometheus with the project's files; only dashboards/targets names what the check started."""

import json
import shutil
import urllib.parse
import urllib.request

from .account import until
from .paths import HOME, RUN
from .processes import free_port, processes


class Prometheus:
    """Debian's."""

    def __init__(self):
        self.port = free_port()
        self.files = RUN / "dashboards"
        shutil.copytree(HOME / "dashboards", self.files, ignore=shutil.ignore_patterns("targets"))
        (self.files / "targets").mkdir()
        self.show([])
        processes.start(
            "prometheus",
            [
                "prometheus",
                f"--config.file={self.files / 'prometheus.yml'}",
                f"--storage.tsdb.path={RUN / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
            ],
        )
        until("Prometheus is up", lambda: self.query("vector(1)"))

    def show(self, ports):
        """What is to be scraped from now on; Prometheus sees files change."""
        whole = self.files / "targets" / "check.yml"
        part = whole.with_suffix(".part")
        part.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}" for port in ports]}]))
        part.rename(whole)

    def get(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The series of an instant query, each with its value."""
        return [(one["metric"], float(one["value"][1])) for one in self.get("query", query=expression)["result"]]

    def firing(self):
        """Names of the alerts that fire, with their labels."""
        return [alert["labels"] for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"]
