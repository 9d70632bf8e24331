"""How the job of the workload dies: at each named point of a commit, with its warehouse, or at random; or not at all."""

import random
import re
import subprocess
import time

from ..kit.account import expect, say, until
from .tables import PHASES

POINTS = [  # of sixty tables
    ("between two uploads", "UPLOADED,raw-kafka-data/,25"),
    ("before its files are visible", "BEGUN,raw-kafka-data/,30"),
    ("between its files and the log", "FILES_VISIBLE,raw-kafka-data/,35"),
    ("between the commits of two tables", "LOGGED,raw-kafka-data/,20"),
    ("after the commits, before the acknowledgement", "PUBLISHED,,4"),
    ("current rows: between files and log", "FILES_VISIBLE,current/,40"),
    ("current rows: between two tables", "LOGGED,current/,15"),
    ("an aggregate: after its commit", "LOGGED,by-region,2"),
]
MIRROR_POINTS = [  # of twelve tables
    ("after a chunk of rows", "LOADED,w.,40"),
    ("after all rows are staged", "STAGED,,9"),
    ("within the transaction, before anything", "LOCKED,w.,30"),
    ("within the transaction, before its commit", "APPLIED,w.,35"),
    ("between the commits of two mirrors", "LEDGERED,w.,25"),
    ("after the commits, before the acknowledgement", "COMMITTED,,5"),
]
WAREHOUSE_POINTS = ["LOADED,w.,30", "STAGED,,4", "LOCKED,w.,25", "APPLIED,w.,30", "LEDGERED,w.,20"]

STATE = 100  # bytes that a changed row leaves in the heap, which holds all rows: one of two stays, and takes 200 with its key


class Deaths:
    def __init__(self, job, load, warehouse, options):
        self.job, self.load, self.warehouse, self.options = job, load, warehouse, options

    def all(self):
        if self.options.steady:
            self.steady()
        elif self.options.kills:
            self.random_kills()
        else:
            self.named_points()

    def named_points(self):
        path = None
        points = MIRROR_POINTS if self.options.mirror else POINTS
        for i, (where, dies) in enumerate(points[::3] if self.options.short else points):
            self.load.phase = i + 1
            self.job.start(parallelism=1 + i % 3, dies=self.sooner(dies), path=path)
            told = self.job.await_death()
            path = self.job.snapshots()[-1] if self.job.snapshots() else None
            expect(told, f"killed {where}: {told}")
        if self.warehouse:
            path = self.warehouse_points(path)
        self.load.phase = PHASES - 1 if self.options.short else 9
        self.job.start(path=path)
        self.job.await_checkpoints(2)
        if self.options.short:
            return
        self.job.tell("savepoint")
        until("the savepoint has begun", lambda: "SavepointType" in self.job.log(), 60, 0.05)
        self.job.kill()
        self.job.start(path=self.job.snapshots()[-1])
        self.job.await_checkpoints(1)
        expect(True, "killed at a savepoint")
        self.load.phase = 10
        older = self.job.savepoint("stop")
        self.job.start(parallelism=3, path=older)
        self.job.await_checkpoints(3)
        self.job.kill()
        expect(True, "went on from a savepoint at another parallelism")
        self.job.start(path=older)
        self.job.await_checkpoints(2)
        self.job.kill()
        expect(True, "went on from that savepoint again, which is older than the lake")
        self.load.phase = 11
        self.job.start()
        self.job.await_checkpoints(2)
        expect(True, "a job without state over the lake there is")

    def sooner(self, point):
        """The same point of as many tables as there are."""
        step, folder, count = point.split(",")
        usual = {"w.": 12, "raw-kafka-data/": 60, "current/": 60}.get(folder)
        return f"{step},{folder},{max(3, int(count) * self.options.tables // usual) if usual else count}"

    def warehouse_points(self, path):
        """The warehouse is killed while the job is at a step, comes back, and the job goes on; then that is killed too."""
        for i, point in enumerate(WAREHOUSE_POINTS[::3] if self.options.short else WAREHOUSE_POINTS):
            self.job.start(parallelism=1 + i % 2, dies=self.sooner(point) + ",waits", path=path)
            where = until("the job is at " + point, lambda: self.job.said("waits at"), 240)
            self.warehouse.kill()
            said = self.job.log().count("trying again in")
            self.job.tell("go")
            until("the job says what it waits for", lambda: self.job.log().count("trying again in") > said, 60)
            self.warehouse.start()
            self.job.await_checkpoints(3)
            expect(True, f"the warehouse killed at {where}")
            self.job.kill()
            path = self.job.snapshots()[-1]
        return path

    def random_kills(self):
        dice = random.Random(self.options.seed)
        path = None
        for i in range(self.options.kills):
            self.load.phase = 1 + i * (PHASES - 1) // self.options.kills
            self.job.start(parallelism=1 + i % 3, path=path)
            time.sleep(dice.uniform(8, 25))  # it dies at random
            if self.warehouse and i % 3 == 2:
                self.warehouse.kill()
                time.sleep(dice.uniform(0, 4))  # the outage
                self.warehouse.start()
                time.sleep(dice.uniform(0, 8))  # it dies at random
            self.job.kill()
            path = self.job.snapshots()[-1] if self.job.snapshots() else None
            say(f"      kill {i + 1}, {self.load.done} rows changed")
        self.job.start(path=path)
        expect(not self.load.trouble, f"killed {self.options.kills} times", self.load.trouble)

    def steady(self):
        """One run; its heap after a collection, and how many files a checkpoint makes of a table."""
        self.job.start()
        self.job.await_checkpoints(3)
        used, rest, began, first = [], [], time.monotonic(), self.load.done
        while time.monotonic() - began < self.options.steady:
            time.sleep(30)  # between two samples
            used.append(self.heap())
            rest.append(used[-1] - (self.load.done * STATE >> 20))
            say(f"      {time.monotonic() - began:.0f} s: {self.load.done - first} rows changed, {used[-1]} MiB of heap after a collection")
        rate = (self.load.done - first) / (time.monotonic() - began)
        third = max(1, len(used) // 3)
        expect(
            max(rest[-third:]) <= 1.25 * max(rest[:third]),
            f"{rate:.0f} rows changed a second, heap from {used[0]} to {used[-1]} MiB, less the rows {rest[0]} to {rest[-1]}",
            f"{used}, {rest}",
        )

    def heap(self):
        pid = str(self.job.process.pid)
        subprocess.run(["jcmd", pid, "GC.run"], check=True, stdout=subprocess.DEVNULL)
        info = subprocess.run(["jcmd", pid, "GC.heap_info"], check=True, stdout=subprocess.PIPE, text=True).stdout
        used = [int(k) for line in info.splitlines() if "Gen" in line for k in re.findall(r"used (\d+)K", line)]
        return sum(used) // 1024
