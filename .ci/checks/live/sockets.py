"""Nobody gets in: what each command listens on, and what a stranger may do there."""

import http.client
import json
import os
import urllib.error
import urllib.request

from ..kit.account import expect, in_order, until
from ..kit.paths import HOME, TRIBUTARY
from ..kit.processes import free_port, processes
from ..kit.run import run
from ..kit.sockets import listening, open_to_others, tree


def status(port, path, method="GET", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


class Sockets:
    def __init__(self, demo, cluster):
        self.demo, self.cluster = demo, cluster

    def of_all(self):
        self.of_demo()
        self.of_run()
        self.of_exporter()
        self.of_cluster()

    def of_demo(self):
        found = listening(*tree(self.demo.process.pid))
        missing = set(self.demo.ports.values()) - {port for _, port in found}
        # the server is no child of the demo: it outlives it
        expect(missing <= {self.demo.ports["postgres"]}, f"demo listens on {len(found)} ports", str(missing))
        expect(not open_to_others(found), "all of them on this machine's own address", str(open_to_others(found)))

    def of_run(self):
        command = [TRIBUTARY, "run", "--config", HOME / "pipelines" / "console.yaml", "--set", f"source.bootstrap={self.demo.kafka}"]
        process = processes.start("run", command)

        def ports():
            found = listening(*tree(process.pid))
            for _, port in found:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/overview", timeout=5) as answer:
                        if "flink-version" in json.load(answer):  # its metrics answer, too
                            return found, port
                except (OSError, ValueError, http.client.HTTPException):  # the blob server speaks no HTTP
                    continue
            return None

        found, rest = until("run listens", ports, 60)
        expect(not open_to_others(found), f"run listens on {len(found)} ports, on this machine's own address", str(open_to_others(found)))
        told = {
            "code": status(rest, "/jars/upload", "POST"),
            "a foreign host": status(rest, "/overview", Host="evil.example"),
            "an end": status(rest, "/cluster", "DELETE"),
        }
        expect(set(told.values()) == {403}, "its Flink takes no code, no foreign host, no end", str(told))
        processes.stop(process)

    def of_exporter(self):
        port = free_port()
        environment = {**os.environ, "TRIBUTARY_DEMO": str(self.demo.data)}
        process = processes.start("exporter", [TRIBUTARY, "check", "--listen", port], env=environment)
        found = until("the exporter listens", lambda: listening(*tree(process.pid)), 60)
        expect(not open_to_others(found), "check --listen listens on this machine's own address", str(open_to_others(found)))
        told = [status(port, "/metrics"), status(port, "/metrics", Host="evil.example"), status(port, "/metrics", "POST")]
        expect(told == [200, 403, 405], "it answers this machine, to GET", str(told))
        processes.stop(process)

    def of_cluster(self):
        pids = [pid for each in (self.cluster.jobmanager, *self.cluster.task_managers.values()) for pid in tree(each.pid)]
        found = listening(*pids)
        reporters = set(self.cluster.metric_ports())  # Flink's reporter has no setting for it
        others = open_to_others({(address, port) for address, port in found if port not in reporters})
        expect(
            found and not others,
            f"the session cluster listens on {len(found)} ports, all but {len(reporters)} of metrics on this machine's own",
            str(others),
        )
        with urllib.request.urlopen(self.cluster.url("/overview"), timeout=10) as answer:
            origin = answer.headers["Access-Control-Allow-Origin"]
            expect(json.load(answer)["taskmanagers"] > 0 and origin != "*", f"its REST interface lets no other page read: {origin}", origin)


def bench():
    """Each process of a bench that listens on anything, as long as it runs."""
    process = processes.start("bench", [TRIBUTARY, "bench", "--events", "200000"])
    found = set()

    def ended():
        found.update(listening(*tree(process.pid)))
        return process.poll() is not None

    until("the bench ends", ended, 300, 0.2)
    processes.forget(process)
    expect(process.returncode == 0 and len(found) > 3, f"bench listened on {len(found)} ports", process.returncode)
    expect(not open_to_others(found), "all of them on this machine's own address", str(open_to_others(found)))


def main(arguments):
    return run(400, lambda: in_order(("bench", bench)))
