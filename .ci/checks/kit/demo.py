"""The source of a check: ./tributary demo, a whole real stack in one process."""

import contextlib
import os
import re
import signal
from pathlib import Path

from . import connect
from .account import Failed, until
from .paths import LOG, RUN, TRIBUTARY
from .processes import free_port, output_of, processes

TABLES = ("public.transactions", "sales.transactions", "sales.orders")


class Demo:
    """A demo in the background. A `prefix` is a command that runs it, as another user for example."""

    def __init__(self, rate, *options, data=None, program=TRIBUTARY, prefix=()):
        self.data = data or RUN / "demo"
        self.program, self.prefix = program, prefix
        self.ports = {
            "kafka": free_port(2),
            "postgres": free_port(),
            "connect": free_port(),
            "flink": free_port(),
            "metrics": free_port(),
            "page": free_port(),
        }
        self.kafka = f"127.0.0.1:{self.ports['kafka']}"
        self.process = None
        self.starts = 0
        self.start(rate, *options)

    def start(self, rate, *options):
        """Starts it, or starts it again on the same data and ports."""
        log = LOG / "demo.out"
        if log.exists():
            log.rename(LOG / f"demo-{self.starts}.out")
        self.starts += 1
        self.process = processes.start("demo", self.line(rate, *options), stop_signal=signal.SIGINT)

    def line(self, rate, *options):
        command = [*self.prefix, self.program, "demo", "--data", self.data, "--rate", rate, *options]
        for name, port in self.ports.items():
            command += [f"--{name}-port", port]
        return command

    def output(self):
        return (LOG / "demo.out").read_text(errors="replace")

    def await_up(self):
        def up():
            if self.process.poll() is not None:
                raise Failed("the demo has ended:\n" + self.output()[-2000:])
            return "tributary: up in" in self.output()

        until("the demo is up", up, 180)

    def await_end(self, seconds):
        """Its exit code, once it has ended by itself."""
        code = until("the demo ends", lambda: [self.process.poll()] if self.process.poll() is not None else None, seconds)
        processes.forget(self.process)
        return code[0]

    def seconds_to_start(self):
        return float(re.search(r"tributary: up in ([\d.]+) s", self.output())[1])

    def lake(self):
        return self.data / "lake"

    def password(self):
        return (self.data / "postgres" / "password").read_text().strip()

    def database(self, name="tributary"):
        """A connection to the source, or to the warehouse."""
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.ports["postgres"], user="tributary", dbname=name, password=self.password())

    def sql(self, statement, *more, database="tributary"):
        """The rows of the last of the statements; they are one transaction."""
        with self.database(database) as connection:
            for each in (statement, *more):
                cursor = connection.execute(each)
            return cursor.fetchall() if cursor.description else []

    def make_database(self, name):
        """A database beside the source's, for a mirror."""
        with self.database("postgres") as connection:
            connection.autocommit = True
            connection.execute(f"create database {name}")

    def jdbc(self, name):
        return f"jdbc:postgresql://127.0.0.1:{self.ports['postgres']}/{name}"

    def command(self, *arguments, seconds=300):  # an audit beside a load and the suite, on slow cores
        """Runs ./tributary beside the demo; its exit code and all that it printed."""
        return output_of([TRIBUTARY, *arguments], seconds, {**os.environ, "TRIBUTARY_DEMO": str(self.data)})

    def connector(self, what):
        """Pauses or resumes the connector, behind the back of all commands."""
        self.connect("PUT", f"/connectors/tributary-postgres/{what}")

    def connect(self, method, path, body=None):
        """Asks Connect, with its password."""
        return connect.ask(self.ports["connect"], (self.data / "connect" / "password").read_text().strip(), method, path, body)

    def end_database(self):
        """A demo that had to be killed leaves its PostgreSQL behind."""
        for pid_file in self.data.glob("postgres/**/postmaster.pid"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(pid_file.read_text().splitlines()[0])
                if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGINT)
