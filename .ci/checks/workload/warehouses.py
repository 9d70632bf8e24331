"""What has the mirrors: a PostgreSQL of its own, or what speaks Snowflake's protocol."""

import os
import pickle
import subprocess

from ..kit.paths import RUN
from ..kit.postgres import Postgres
from ..kit.processes import free_port, processes
from ..snowflake.server import ROWS, SERVER, await_up, driver


class OwnPostgres(Postgres):
    """A server of its own: the demo's warehouse is a database of its source's."""

    def __init__(self, job):
        super().__init__(RUN / "warehouse", "warehouse")
        self.url = f"jdbc:postgresql://127.0.0.1:{self.port}/warehouse"


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
