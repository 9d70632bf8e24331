"""What the checks on a real Flink session cluster are made of: a demo as the source, a cluster, jobs, and an account of checks.

Needs a JDK 17, pip and network or, in TRIBUTARY_WHEELS, a folder with the wheels of Flink. What is fetched is kept below
target/session-cluster, what a check makes is below target/<its name>/run.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
JAR = HOME / "target" / "tributary.jar"
WORK = HOME / "target" / "session-cluster"
VENV = WORK / "venv"
FLINK = WORK / "flink"
RUN = HOME / "target" / Path(sys.argv[0]).name / "run"
VERSION = "2.2.0"
PACKAGES = ["deltalake==1.6.6", "pyarrow==26.0.1", "psycopg[binary]==3.3.9", "selenium==4.38.0",
            "kafka-python==2.2.15", "boto3==1.42.0", "polars==1.36.1", "duckdb==1.5.5", "duckdb-extensions==1.5.5",
            "duckdb-extension-delta==1.5.5"]
QUICK_JAVA = "-XX:TieredStopAtLevel=1"  # where processes live for minutes, a good part of what they cost is the compiler
KEYS = {"AWS_ACCESS_KEY_ID": "tributary", "AWS_SECRET_ACCESS_KEY": "a secret of the check"}
TABLES = ("public.transactions", "sales.transactions", "sales.orders")


def say(text):
    print(text, flush=True)


# --- What is needed ----------------------------------------------------------------------------------------------------


def wheels_option():
    folder = os.environ.get("TRIBUTARY_WHEELS")
    return ["--find-links", folder] if folder else []


def use_venv():
    """Goes on in a Python that has what reads a lake."""
    python = VENV / "bin" / "python"
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    if not (VENV / "complete").exists():
        say("fetching " + ", ".join(PACKAGES))
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *wheels_option(), *PACKAGES], check=True)
        (VENV / "complete").touch()
    os.execv(python, [str(python), str(Path(sys.argv[0]).resolve()), *sys.argv[1:]])


def assemble_flink():
    """The distribution as the package index has it, in two packages; of the platform's one, only scripts are taken, so any will do."""
    if (FLINK / "complete").exists():
        return
    wheels = WORK / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    say(f"fetching Flink {VERSION}")
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", wheels, *wheels_option()]
    if wheels_option():
        download.append("--no-index")
    subprocess.run(
        [*download, "--only-binary=:all:", "--python-version=3.11", "--platform=manylinux2014_x86_64"]
        + [f"apache-flink=={VERSION}"], check=True)
    libraries = f"apache-flink-libraries=={VERSION}"
    wheel = [*download, "--only-binary=:all:", libraries]
    if subprocess.run(wheel, stderr=subprocess.DEVNULL).returncode != 0:  # there it is as a source package
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", wheels, libraries]
        subprocess.run(build, check=True)
    shutil.rmtree(FLINK, ignore_errors=True)
    for wheel in wheels.glob("apache_flink*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                match = re.fullmatch(r"pyflink/((bin|lib|opt|plugins|conf)/.*[^/])", name)
                if match:
                    target = FLINK / match[1]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with packed.open(name) as source, target.open("wb") as out:
                        shutil.copyfileobj(source, out)
    for script in (FLINK / "bin").iterdir():
        script.chmod(0o755)
    plugin = HOME / "target" / "plugins" / "s3-fs-hadoop"
    shutil.copytree(plugin, FLINK / "plugins" / "s3-fs-hadoop", dirs_exist_ok=True)
    (FLINK / "complete").touch()


def build_jar():
    if not JAR.exists():
        say("building target/tributary.jar")
        subprocess.run(["mvn", "-q", "-B", "-Dquick", "-DskipTests", "package"], cwd=HOME, check=True)


# --- Waiting, and the account of checks --------------------------------------------------------------------------------


class OutOfTime(BaseException):
    """The whole check takes too long: no step may take it for an answer."""


class Failed(Exception):
    """What was being checked cannot come true any more."""


passed = failed = 0


def expect(holds, what, detail=""):
    global passed, failed
    if holds:
        passed += 1
        say(f"ok    {what}")
    else:
        failed += 1
        say(f"FAIL  {what}" + (f": {detail}" if detail else ""))
    return holds


def until(what, probe, seconds=60.0, pause=0.25):
    """The first true answer of the probe; an outside error is no answer yet."""
    end = time.monotonic() + seconds
    trouble = ""
    while True:
        try:
            answer = probe()
            if answer:
                return answer
        except (OSError, KeyError, ValueError) as e:
            trouble = f" ({e})"
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds:.0f} s{trouble}")
        time.sleep(pause)


# --- Processes -----------------------------------------------------------------------------------------------------------


class Processes:
    """Every process this check starts; they end by their own ids, the newest first."""

    def __init__(self):
        self.running = []

    def start(self, name, command, stop_signal=signal.SIGTERM, stdin=subprocess.DEVNULL, **options):
        log = (RUN / "log" / f"{name}.out").open("wb")
        process = subprocess.Popen(
            [str(part) for part in command], stdin=stdin, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **options)
        process.tributary = (name, stop_signal)
        self.running.append(process)
        return process

    def kill(self, process):
        process.kill()
        process.wait()
        self.running.remove(process)

    def stop_all(self):
        for process in reversed(self.running):
            name, stop_signal = process.tributary
            if process.poll() is None:
                process.send_signal(stop_signal)
                try:
                    process.wait(60 if name == "demo" else 15)
                except subprocess.TimeoutExpired:
                    say(f"      {name} does not stop: killed")
                    process.kill()
                    process.wait()
        self.running.clear()


processes = Processes()
given_ports = set()


def free_port(span=1):
    """A port with the span of ports from it free; none is given twice."""
    for candidate in range(21000 + os.getpid() % 5000, 32000, span):
        ports = range(candidate, candidate + span)
        if given_ports.isdisjoint(ports) and all(is_free(port) for port in ports):
            given_ports.update(ports)
            return candidate
    raise Failed("no free port")


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


# --- The source: a demo, whose own lake is the reference ----------------------------------------------------------------


class Demo:
    def __init__(self, rate, lake=None):
        self.data = RUN / "demo"
        self.ports = {"kafka": free_port(2), "postgres": free_port(), "connect": free_port(), "flink": free_port(),
                      "metrics": free_port(), "page": free_port()}
        command = [HOME / "tributary", "demo", "--data", self.data, "--rate", rate]
        if lake:
            command += ["--lake", lake]
        for name, port in self.ports.items():
            command += [f"--{name}-port", port]
        self.process = processes.start("demo", command, stop_signal=signal.SIGINT)
        self.kafka = ""

    def output(self):
        return (RUN / "log" / "demo.out").read_text(errors="replace")

    def await_up(self):
        def up():
            if self.process.poll() is not None:
                raise Failed("the demo has ended:\n" + self.output()[-2000:])
            match = re.search(r"^tributary: Kafka +(\S+)", self.output(), re.MULTILINE)
            return match[1] if match and "tributary: up in" in self.output() else ""

        self.kafka = until("the demo is up", up, 120)

    def lake(self):
        return self.data / "lake"

    def password(self):
        return (self.data / "postgres" / "password").read_text().strip()

    def database(self, name="tributary"):
        """A connection to the source, or to the warehouse."""
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.ports["postgres"], user="tributary", dbname=name, password=self.password())

    def command(self, *arguments, seconds=120):
        """Runs ./tributary beside the demo; its exit code and all that it printed."""
        done = subprocess.run(
            [str(HOME / "tributary"), *map(str, arguments)], env={**os.environ, "TRIBUTARY_DEMO": str(self.data)}, timeout=seconds,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def end_database(self):
        """A demo that had to be killed leaves its PostgreSQL behind."""
        for pid_file in self.data.glob("postgres/**/postmaster.pid"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(pid_file.read_text().splitlines()[0])
                if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGINT)


# --- The object store ---------------------------------------------------------------------------------------------------


class Minio:
    def __init__(self):
        self.port = free_port(2)
        self.url = f"http://127.0.0.1:{self.port}"
        os.environ.update(KEYS, AWS_ENDPOINT_URL=self.url, AWS_REGION="us-east-1")
        self.process = None

    def start(self):
        found = shutil.which("minio") or HOME / "target" / "go" / "minio"
        environment = {**os.environ, "MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"], "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"]}
        self.process = processes.start("minio", [
            found, "server", "--quiet", "--address", f"127.0.0.1:{self.port}", "--console-address", f"127.0.0.1:{self.port + 1}",
            RUN / "minio"], env=environment)

    def stop(self):
        processes.kill(self.process)

    def client(self):
        import boto3

        return boto3.client("s3", endpoint_url=self.url)

    def options(self):
        """For readers made in Rust."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", **KEYS}


# --- The cluster -----------------------------------------------------------------------------------------------------------


class Cluster:
    def __init__(self, java, settings=None):
        self.conf = RUN / "conf"
        self.rest = free_port()
        self.metrics = free_port(8)
        self.task_managers = {}
        self.started = 0
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FLINK_")},
            "FLINK_HOME": str(FLINK), "FLINK_CONF_DIR": str(self.conf), "FLINK_LOG_DIR": str(RUN / "log"),
            "FLINK_PID_DIR": str(RUN), "HADOOP_CONF_DIR": "", "HADOOP_CLASSPATH": ""}
        self.configure({
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.bind-host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.host": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.address": "127.0.0.1",
            "rest.port": self.rest,
            "jobmanager.rpc.port": free_port(),
            "metrics.reporter.prom.port": f"{self.metrics}-{self.metrics + 7}",
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
        })

    def configure(self, settings):
        """The project's configuration, with what belongs to this run in its place."""
        shutil.copytree(FLINK / "conf", self.conf)
        lines = [line for line in (HOME / "flink-conf" / "config.yaml").read_text().splitlines()
                 if line.partition(":")[0] not in settings]
        lines += [f"{key}: {value}" for key, value in settings.items()]
        (self.conf / "config.yaml").write_text("\n".join(lines) + "\n")
        for folder in ("tmp", "upload", "checkpoints", "savepoints"):
            (RUN / folder).mkdir()

    def start(self):
        # for the web UI, which hands no arguments over
        environment = {**self.environment, "TRIBUTARY_CONFIG": str(RUN / "web-ui.yaml")}
        processes.start("jobmanager", [FLINK / "bin" / "jobmanager.sh", "start-foreground"], env=environment)
        self.add_task_manager()
        self.add_task_manager()
        self.await_slots(4)

    def add_task_manager(self):
        self.started += 1
        name = f"taskmanager-{self.started}"
        self.task_managers[name] = processes.start(
            name, [FLINK / "bin" / "taskmanager.sh", "start-foreground", "-D", f"taskmanager.resource-id={name}"],
            env=self.environment)
        return name

    def await_slots(self, slots):
        until(f"{slots} slots", lambda: self.get("/overview")["slots-total"] == slots, 60)

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

    def flink(self, *arguments, seconds=90):
        """Runs Flink's own client; its exit code and all that it printed."""
        environment = {**self.environment, "JVM_ARGS": f"{QUICK_JAVA} -Xshare:auto"}
        done = subprocess.run(
            [str(FLINK / "bin" / "flink"), *map(str, arguments)], env=environment, timeout=seconds, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def submit(self, pipeline, parallelism, savepoint=None):
        restore = ["-s", savepoint] if savepoint else []
        code, output = self.flink("run", "-d", "-p", parallelism, *restore, JAR, "--config", pipeline)
        match = re.search(r"JobID ([0-9a-f]{32})", output)
        if code != 0 or not match:
            raise Failed(f"flink run ended {code}:\n{output[-3000:]}")
        return Job(self, match[1])

    def upload(self):
        boundary = uuid.uuid4().hex
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="tributary.jar"\r\n'
                "Content-Type: application/x-java-archive\r\n\r\n")
        body = head.encode() + JAR.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        answer = self.post("/jars/upload", body, f"multipart/form-data; boundary={boundary}")
        return answer["filename"].rpartition("/")[2]

    def run_jar(self, jar, pipeline, parallelism):
        arguments = {"programArgsList": ["--config", str(pipeline)], "parallelism": parallelism}
        return Job(self, self.post(f"/jars/{jar}/run", json.dumps(arguments).encode())["jobid"])

    def sample(self, name):
        """The sum of a metric's samples over all TaskManagers, and the text of one."""
        total, seen = 0.0, ""
        for port in range(self.metrics, self.metrics + 8):
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    for line in answer.read().decode().splitlines():
                        if re.match(rf"[a-zA-Z_]*{name}\{{", line):
                            total += float(line.rpartition(" ")[2])
                            seen = line
        return total, seen


class Job:
    def __init__(self, cluster, job_id):
        self.cluster = cluster
        self.id = job_id

    def state(self):
        return self.cluster.get(f"/jobs/{self.id}")["state"]

    def why(self):
        history = self.cluster.get(f"/jobs/{self.id}/exceptions")["exceptionHistory"]["entries"]
        return history[0]["stacktrace"][:1500] if history else ""

    def await_running(self, seconds=60):
        def running():
            job = self.cluster.get(f"/jobs/{self.id}")
            if job["state"] in ("FAILED", "CANCELED", "FINISHED"):
                raise Failed(f"the job is {job['state']}: {self.why()}")
            return job["state"] == "RUNNING" and all(v["status"] == "RUNNING" for v in job["vertices"])

        until("the job runs", running, seconds)
        return self

    def restarts(self):
        return len(self.cluster.get(f"/jobs/{self.id}/exceptions")["exceptionHistory"]["entries"])

    def checkpoint(self):
        """The id of the newest completed checkpoint."""
        newest = self.cluster.get(f"/jobs/{self.id}/checkpoints")["latest"]["completed"]
        return newest["id"] if newest else 0

    def await_checkpoints(self, number, seconds=60):
        first = self.checkpoint()
        until(f"{number} checkpoints", lambda: self.checkpoint() >= first + number, seconds)

    def task_managers(self):
        used = set()
        for vertex in self.cluster.get(f"/jobs/{self.id}")["vertices"]:
            for manager in self.cluster.get(f"/jobs/{self.id}/vertices/{vertex['id']}/taskmanagers")["taskmanagers"]:
                used.add(manager["taskmanager-id"])
        return used

    def cancel(self):
        request = urllib.request.Request(self.cluster.url(f"/jobs/{self.id}?mode=cancel"), method="PATCH")
        urllib.request.urlopen(request, timeout=10).close()
        until("the job is cancelled", lambda: self.state() == "CANCELED", 60)


def chromium():
    """A real browser, without a window."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1100", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


# --- A whole check ----------------------------------------------------------------------------------------------------------


def in_order(*steps):
    """Each step, whatever became of those before it."""
    for title, step in steps:
        began = time.monotonic()
        say(f"--    {title}")
        try:
            step()
        except (Failed, OSError, KeyError, ValueError, subprocess.TimeoutExpired) as e:
            expect(False, title, str(e) or repr(e))
        say(f"      {time.monotonic() - began:.0f} s")


def run(seconds, rate, body, with_cluster=True, lake=None, settings=None, before=None, java=QUICK_JAVA):
    """Runs body(demo, cluster), or body(demo), within so many seconds; the exit code."""
    use_venv()
    os.environ.setdefault("TRIBUTARY_JAVA_OPTS", java)
    if with_cluster:
        build_jar()
        assemble_flink()
    shutil.rmtree(RUN, ignore_errors=True)
    (RUN / "log").mkdir(parents=True)
    began = time.monotonic()

    def out_of_time(*_):
        raise OutOfTime(f"not done within {seconds} s")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(seconds)
    demo = None
    try:
        if before:
            before()
        demo = Demo(rate, lake)
        if with_cluster:
            cluster = Cluster(java, settings)
            cluster.start()
            demo.await_up()
            body(demo, cluster)
        else:
            demo.await_up()
            body(demo)
    except (Failed, OutOfTime) as e:
        expect(False, "the check itself", str(e))
    finally:
        signal.alarm(0)
        processes.stop_all()
        if demo:
            demo.end_database()
    if not failed:  # a failed run keeps all, a good one its logs
        for path in RUN.iterdir():
            if path.is_dir() and path.name != "log":
                shutil.rmtree(path, ignore_errors=True)
    say(f"{passed} passed, {failed} failed ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0
