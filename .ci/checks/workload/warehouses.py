"""What has the mirrors: a PostgreSQL of its own, or what speaks Snowflake's protocol."""

import contextlib
import os
import pickle
import signal
import subprocess
from pathlib import Path

from ..kit.paths import RUN
from ..kit.processes import free_port, processes
from ..snowflake.server import ROWS, SERVER, await_up, driver


class OwnPostgres:
    """A server of its own: the demo's warehouse is a database of its source's."""

    def __init__(self, job):
        self.job, self.port, self.folder = job, free_port(), RUN / "warehouse"
        self.url, self.user = f"jdbc:postgresql://127.0.0.1:{self.port}/warehouse", "tributary"

    def start(self):
        subprocess.run(
            [str(part) for part in self.job.main("warehouse", self.folder, self.port, log="warehouse.log")], check=True, timeout=180
        )

    def password(self):
        return (self.folder / "password").read_text().strip()

    def postmaster(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def kill(self):
        postmaster = self.postmaster()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        os.kill(postmaster, signal.SIGSTOP)  # or it would start some of them again
        for pid in (*map(int, children), postmaster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it is not there
            postmaster = self.postmaster()
            if b"postgres" in Path(f"/proc/{postmaster}/cmdline").read_bytes():
                os.kill(postmaster, signal.SIGINT)

    def rows(self, statement):
        import psycopg

        with psycopg.connect(host="127.0.0.1", port=self.port, user=self.user, dbname="warehouse", password=self.password()) as connection:
            return connection.execute(statement).fetchall()


class Fakesnow:
    """What speaks Snowflake's protocol, on DuckDB."""

    def __init__(self, job):
        self.port, self.folder, self.process = free_port(), RUN / "fakesnow", None
        self.url = f"jdbc:snowflake://127.0.0.1:{self.port}/?ssl=off&account=fakesnow&db=CDC_WAREHOUSE&schema=PUBLIC&maxHttpRetries=1&loginTimeout=3"
        self.user = "fake"
        os.environ["SNOWFLAKE_DISABLE_PLATFORM_DETECTION"] = "true"
        os.environ["CLASSPATH"] += ":" + driver()

    def start(self):
        self.folder.mkdir(exist_ok=True)
        self.process = processes.start("fakesnow", [*SERVER, self.port, self.folder])

        await_up(self.port)

    def password(self):
        return "snow"

    def kill(self):
        processes.kill(self.process)

    def stop(self):
        pass  # with all processes of the check

    def rows(self, statement):
        done = subprocess.run([*map(str, ROWS), str(self.port)], input=statement.encode(), stdout=subprocess.PIPE, check=True, timeout=300)
        return pickle.loads(done.stdout)


WAREHOUSES = {"postgresql": OwnPostgres, "snowflake": Fakesnow}
