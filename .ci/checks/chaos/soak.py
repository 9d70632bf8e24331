"""Hours of a steady load of two sources, without a fault: history, current rows, aggregates, mirror and compaction. What each process
uses, what the lake has and what a checkpoint takes must not grow once it is warm; then source, lake, mirror and metrics must be alike.
"""

import argparse
import contextlib
import datetime
import json
import re
import statistics
import subprocess
import time
from pathlib import Path

from ..kit.account import expect, say
from ..kit.paths import CHECKS
from ..kit.run import run
from . import network
from .operator import Operated
from .truth import Truth

AGGREGATES = """aggregates:
  by-country: {table: a.accounts, group-by: country, count: true, sum: amount}
  by-day: {table: b.accounts, group-by: day, count: true, avg: [ratio]}
"""
GROWS = 1.15  # the last third of the windows to the one before
SLACK = {"heap MiB": 32, "RSS MiB": 64, "fds": 32, "threads": 8, "metaspace MiB": 8, "files": 400, "state MiB": 4, "checkpoint s": 0.5}


class Soak:
    def __init__(self, options):
        self.options = options
        self.stack = Operated(options)
        self.stack.more = AGGREGATES
        self.truth = Truth(self.stack)
        self.windows = []

    def body(self):
        try:
            self.stack.start()
            end = time.monotonic() + self.options.hours * 3600
            while time.monotonic() < end:
                self.window(min(end, time.monotonic() + self.options.window))
            self.judge()
            wrong = self.truth.agree(300)
            expect(not wrong, f"{self.truth.changes:,} changes, {self.truth.rows:,} rows are alike in all five", "; ".join(wrong[:4]))
        finally:
            say(self.table())
            self.stack.stop()

    def window(self, end):
        """So many seconds: medians of what is sampled in them."""
        samples, first, began = [], sum(source.done for source in self.stack.sources), time.monotonic()
        while time.monotonic() < end:
            time.sleep(min(30, max(1, end - time.monotonic())))  # between two samples
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                samples.append(self.sample())
        code, output = self.compact()
        expect(code == 0, "compact", output[-500:])
        self.windows.append(
            {
                "minutes": round((time.monotonic() - began) / 60, 1),
                "changes/s": round((sum(source.done for source in self.stack.sources) - first) / (time.monotonic() - began)),
                **{name: round(statistics.median(sample[name] for sample in samples), 1) for name in samples[0]},
                "files": self.files(),
            }
        )
        say("      " + json.dumps(self.windows[-1]))

    def sample(self):
        """Of all TaskManagers together, and of the newest checkpoint."""
        found = {"heap MiB": 0, "RSS MiB": 0, "fds": 0, "threads": 0, "metaspace MiB": 0}
        for process in self.stack.cluster.task_managers.values():
            for name, value in of_process(process.pid).items():
                found[name] += value
        newest = self.stack.job.get("/checkpoints")["latest"]["completed"]
        return {**found, "state MiB": newest["state_size"] / 2**20, "checkpoint s": newest["end_to_end_duration"] / 1000}

    def compact(self):
        tomorrow = datetime.date.today() + datetime.timedelta(days=1)
        return self.stack.tributary("compact", "--config", self.stack.pipeline, "--before", tomorrow, "--retention", "10m", seconds=600)

    def files(self):
        """Objects of the store, as it must keep them."""
        return len(self.stack.store.objects(self.stack.lake() + "/"))

    def judge(self):
        third = len(self.windows) // 3
        for name, slack in SLACK.items():
            before, after = (
                statistics.median(window[name] for window in windows)
                for windows in (self.windows[third : 2 * third], self.windows[2 * third :])
            )
            expect(after <= GROWS * before + slack, f"{name}: {before} in the middle third, {after} in the last", "it grows")

    def table(self):
        if not self.windows:
            return "no window"
        names = list(self.windows[0])
        rows = [names, ["---:"] * len(names), *([f"{window[name]}" for name in names] for window in self.windows)]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def of_process(pid):
    subprocess.run(["jcmd", str(pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
    heap = subprocess.run(["jcmd", str(pid), "GC.heap_info"], check=True, stdout=subprocess.PIPE, text=True).stdout
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return {
        "heap MiB": sum(used(line) for line in heap.splitlines() if "Metaspace" not in line and "class space" not in line) / 1024,
        "RSS MiB": int(status["VmRSS"].split()[0]) / 1024,
        "fds": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(status["Threads"]),
        "metaspace MiB": sum(used(line) for line in heap.splitlines() if "Metaspace" in line) / 1024,
    }


def used(line):
    """KiB of a line of GC.heap_info."""
    found = re.search(r"\bused (\d+)K", line)
    return int(found[1]) if found else 0


def main(arguments):
    parser = argparse.ArgumentParser(prog=".ci/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--rate", type=int, default=2000, help="changes a second of both sources (default: %(default)s)")
    parser.add_argument("--window", type=float, default=600, help="seconds of a row of the table (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    if options.hours * 3600 < 3 * options.window:
        parser.error("three windows are compared: --hours must be longer, or --window shorter")
    CHECKS.mkdir(parents=True, exist_ok=True)
    options.own = network.enter()
    return run(int(options.hours * 3600 + 1800), lambda: Soak(options).body())
