"""A PostgreSQL server that can be killed as a power cut does it."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from .java import classpath, command
from .processes import free_port


class Postgres:
    """A server of its own, with one database."""

    user = "tributary"

    def __init__(self, folder, database):
        self.port, self.folder, self.database = free_port(), folder, database

    def start(self):
        """Or start again; ready for connections on return."""
        line = command("io.tributary.local.ServerProcess", "postgres", self.folder, self.port, self.database, log=f"{self.folder.name}.log")
        subprocess.run(line, check=True, timeout=180, env={**os.environ, "CLASSPATH": classpath()})

    def password(self):
        return (self.folder / "password").read_text().strip()

    def postmaster(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def processes(self):
        postmaster = self.postmaster()
        return [postmaster, *map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())]

    def kill(self):
        postmaster, *children = self.processes()
        os.kill(postmaster, signal.SIGSTOP)  # or it would start some of them again
        for pid in (*children, postmaster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it is not there
            postmaster = self.postmaster()
            if b"postgres" in Path(f"/proc/{postmaster}/cmdline").read_bytes():
                os.kill(postmaster, signal.SIGINT)

    def connect(self, **options):
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.user, dbname=self.database, password=self.password(), connect_timeout=5, **options
        )

    def execute(self, *statements):
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, statement):
        with self.connect() as connection:
            return connection.execute(statement).fetchall()
