"""A real Flink session cluster on this machine, and the jobs in it."""

import contextlib
import json
import os
import re
import shutil
import urllib.request
import uuid

from .account import Failed, until
from .distribution import VERSION
from .paths import CACHE, HOME, JAR, LOG, RUN, TARGET
from .processes import QUICK_JAVA, free_port, output_of, processes

DISTRIBUTION = CACHE / f"flink-{VERSION}"
FLINK = RUN / "flink"
PORTS = 8  # of metrics, for processes that come and go


class Cluster:
    def __init__(self, settings=None, java=QUICK_JAVA):
        self.conf = RUN / "conf"
        self.rest = free_port()
        self.metrics = free_port(PORTS)
        self.task_managers = {}
        self.started = 0
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FLINK_")},
            "FLINK_HOME": str(FLINK),
            "FLINK_CONF_DIR": str(self.conf),
            "FLINK_LOG_DIR": str(LOG),
            "FLINK_PID_DIR": str(RUN),
            "HADOOP_CONF_DIR": "",
            "HADOOP_CLASSPATH": "",
        }
        self.task_manager_environment = {}
        self.jobmanager = None
        self.jar = RUN / "tributary.jar"  # a build beside may write the other anew
        shutil.copyfile(JAR, self.jar)
        self.install()
        self.configure(
            {
                "jobmanager.rpc.address": "127.0.0.1",
                "jobmanager.bind-host": "127.0.0.1",
                "taskmanager.bind-host": "127.0.0.1",
                "taskmanager.host": "127.0.0.1",
                "rest.bind-address": "127.0.0.1",
                "rest.address": "127.0.0.1",
                "rest.port": self.rest,
                "jobmanager.rpc.port": free_port(),
                "metrics.reporter.prom.port": f"{self.metrics}-{self.metrics + PORTS - 1}",
                "execution.checkpointing.interval": "2s",
                "execution.checkpointing.min-pause": "500ms",
                "execution.checkpointing.dir": (RUN / "checkpoints").as_uri(),
                "execution.checkpointing.savepoint-dir": (RUN / "savepoints").as_uri(),
                "io.tmp.dirs": RUN / "tmp",
                "web.upload.dir": RUN / "upload",
                "heartbeat.interval": "1s",
                "env.java.opts.jobmanager": java,
                "env.java.opts.taskmanager": java,
                "web.refresh-interval": "200",  # how old an answer of the REST interface may be, in milliseconds
                **(settings or {}),
            }
        )

    @staticmethod
    def install():
        """The distribution with the one plugin it lacks; its files are hard links where that can be."""

        def link(source, target):
            try:
                os.link(source, target)
            except OSError:
                shutil.copy2(source, target)

        for part in ("bin", "lib", "plugins"):
            shutil.copytree(DISTRIBUTION / part, FLINK / part, copy_function=link)
        shutil.copytree(TARGET / "plugins" / "s3-fs-hadoop", FLINK / "plugins" / "s3-fs-hadoop", copy_function=link)

    def configure(self, settings):
        """The project's configuration, with what belongs to this run in its place."""
        shutil.copytree(DISTRIBUTION / "conf", self.conf)
        lines = [line for line in (HOME / "flink-conf" / "config.yaml").read_text().splitlines() if line.partition(":")[0] not in settings]
        lines += [f"{key}: {value}" for key, value in settings.items()]
        (self.conf / "config.yaml").write_text("\n".join(lines) + "\n")
        for file in self.conf.glob("log4j*.properties"):
            with file.open("a") as log:
                log.write((HOME / "flink-conf" / "log4j-quiet.properties").read_text())
        for folder in ("tmp", "upload", "checkpoints", "savepoints"):
            (RUN / folder).mkdir()

    def start(self):
        self.start_job_manager()
        self.add_task_manager()
        self.add_task_manager()
        self.await_slots(4)

    def start_job_manager(self):
        # for the web UI, which hands no arguments over
        environment = {**self.environment, "TRIBUTARY_CONFIG": str(RUN / "web-ui.yaml")}
        self.jobmanager = processes.start("jobmanager", [FLINK / "bin" / "jobmanager.sh", "start-foreground"], env=environment)

    def stop(self):
        for process in (*self.task_managers.values(), self.jobmanager):
            processes.stop(process)

    def add_task_manager(self):
        self.started += 1
        name = f"taskmanager-{self.started}"
        command = [FLINK / "bin" / "taskmanager.sh", "start-foreground", "-D", f"taskmanager.resource-id={name}"]
        self.task_managers[name] = processes.start(name, command, env={**self.environment, **self.task_manager_environment})
        return name

    def await_slots(self, slots):
        until(f"{slots} slots", lambda: self.get("/overview")["slots-total"] == slots, 90)

    def kill_task_manager(self, name):
        processes.kill(self.task_managers.pop(name))

    def url(self, path):
        return f"http://127.0.0.1:{self.rest}{path}"

    def get(self, path):
        with urllib.request.urlopen(self.url(path), timeout=10) as answer:
            return json.load(answer)

    def post(self, path, body, kind="application/json", seconds=60):
        request = urllib.request.Request(self.url(path), data=body, headers={"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.load(answer)

    def flink(self, *arguments, seconds=120):
        """Runs Flink's own client; its exit code and all that it printed."""
        environment = {**self.environment, "JVM_ARGS": f"{QUICK_JAVA} -Xshare:auto"}
        return output_of([FLINK / "bin" / "flink", *arguments], seconds, environment)

    def submit(self, pipeline, parallelism, savepoint=None):
        restore = ["-s", savepoint] if savepoint else []
        code, output = self.flink("run", "-d", "-p", parallelism, *restore, self.jar, "--config", pipeline)
        match = re.search(r"JobID ([0-9a-f]{32})", output)
        if code != 0 or not match:
            raise Failed(f"flink run ended {code}:\n{output[-3000:]}")
        return Job(self, match[1])

    def upload(self):
        boundary = uuid.uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="tributary.jar"\r\n'
            "Content-Type: application/x-java-archive\r\n\r\n"
        )
        body = head.encode() + self.jar.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        answer = self.post("/jars/upload", body, f"multipart/form-data; boundary={boundary}")
        return answer["filename"].rpartition("/")[2]

    def run_jar(self, jar, pipeline, parallelism):
        arguments = {"programArgsList": ["--config", str(pipeline)], "parallelism": parallelism}
        return Job(self, self.post(f"/jars/{jar}/run", json.dumps(arguments).encode())["jobid"])

    def metric_ports(self):
        """Those of the processes that answer now."""
        for port in range(self.metrics, self.metrics + PORTS):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).close()
                yield port

    def samples(self):
        """The lines of all processes' metrics."""
        for port in range(self.metrics, self.metrics + PORTS):
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    yield from answer.read().decode().splitlines()

    def waiting(self):
        """What a job on it says last that it waits for, if that is the object store."""
        for log in LOG.glob("taskmanager-*.out"):
            for line in reversed(log.read_text(errors="replace").splitlines()):
                if "cannot write s3://" in line:
                    return line
        return ""

    def sample(self, name):
        """The sum of a metric's samples over all TaskManagers, and the text of one."""
        total, seen = 0.0, ""
        for line in self.samples():
            if re.match(rf"[a-zA-Z_]*{name}\{{", line):
                total += float(line.rpartition(" ")[2])
                seen = line
        return total, seen


class Job:
    def __init__(self, cluster, job_id):
        self.cluster = cluster
        self.id = job_id

    def get(self, path=""):
        return self.cluster.get(f"/jobs/{self.id}{path}")

    def state(self):
        return self.get()["state"]

    def why(self, most=1500):
        """With what failed beside it: of a stop with a savepoint Flink names that."""
        history = self.get("/exceptions")["exceptionHistory"]["entries"]
        newest = (history[0], *history[0].get("concurrentExceptions", ())) if history else ()
        return "\n".join(each["stacktrace"] for each in newest)[:most]

    def await_running(self, seconds=90):
        def running():
            job = self.get()
            if job["state"] in ("FAILED", "CANCELED", "FINISHED"):
                raise Failed(f"the job is {job['state']}: {self.why()}")
            return job["state"] == "RUNNING" and all(v["status"] == "RUNNING" for v in job["vertices"])

        until("the job runs", running, seconds)
        return self

    def restarts(self):
        return len(self.get("/exceptions")["exceptionHistory"]["entries"])

    def misses_store(self, failures):
        """What it says: its committer waits, or a writer that was sending just then has failed, one time more than before."""
        return self.cluster.waiting() or (self.restarts() > failures and "restarted: " + self.why().partition("\n")[0])

    def checkpoint(self):
        """The id of the newest completed checkpoint."""
        newest = self.get("/checkpoints")["latest"]["completed"]
        return newest["id"] if newest else 0

    def await_checkpoints(self, number, seconds=90):
        first = self.checkpoint()
        until(f"{number} checkpoints", lambda: self.checkpoint() >= first + number, seconds)

    def task_managers(self):
        used = set()
        for vertex in self.get()["vertices"]:
            for manager in self.get(f"/vertices/{vertex['id']}/taskmanagers")["taskmanagers"]:
                used.add(manager["taskmanager-id"])
        return used

    def lose_task_manager(self):
        """Kills one in the middle and starts another; returns once the job has recovered, with the name of the killed."""
        self.await_checkpoints(1)
        victim = sorted(self.task_managers())[0]
        failures = self.restarts()
        self.cluster.kill_task_manager(victim)
        self.cluster.add_task_manager()
        until("the job notices", lambda: self.restarts() > failures, 60)
        self.cluster.await_slots(4)
        self.await_running().await_checkpoints(2)
        return victim

    def stop(self, folder):
        """Stops with a savepoint below the folder, an URI; its path."""
        code, output = self.cluster.flink("stop", "--savepointPath", folder, self.id)
        match = re.search(r"Path: (\S+)", output)
        if code != 0 or not match:
            raise Failed(f"flink stop ended {code}: {output[-1000:]}")
        return match[1]

    def cancel(self):
        request = urllib.request.Request(self.cluster.url(f"/jobs/{self.id}?mode=cancel"), method="PATCH")
        urllib.request.urlopen(request, timeout=10).close()
        until("the job is cancelled", lambda: self.state() == "CANCELED", 60)
