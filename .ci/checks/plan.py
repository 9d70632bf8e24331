"""Steps that run as soon as those before them are done, each a process with a log, and a table of what took how long."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from .kit.account import say
from .kit.paths import CHECKS, HOME

TAIL = 60  # lines of a failed step


@dataclass
class Step:
    """A command, and the names of the steps that must have passed before it."""

    name: str
    command: list[str]
    after: tuple[str, ...] = ()
    yields: bool = False  # it computes: those that wait for something go first
    state: str = "waits"  # runs, ok, FAIL or left out
    began: float = 0
    seconds: float = 0
    cpu: float = 0

    @property
    def log(self):
        return CHECKS / f"{self.name}.log"


class Plan:
    """Runs steps side by side. With `stops` the first failure ends the others."""

    def __init__(self, steps: list[Step], stops: bool):
        self.steps, self.stops = steps, stops
        self.running: dict[str, subprocess.Popen] = {}
        self.changed = threading.Condition()
        self.began = time.monotonic()
        self.failed = self.ended = False
        self.times = CHECKS / "times.jsonl"
        known = [step.name for step in steps]
        for at, step in enumerate(steps):
            if not set(step.after) <= set(known[:at]):
                raise ValueError(f"{step.name} is after a step that is not before it: {step.after}")

    def run(self) -> bool:
        CHECKS.mkdir(parents=True, exist_ok=True)
        self.times.unlink(missing_ok=True)
        signal.signal(signal.SIGTERM, lambda *_: self.end())
        threads = [threading.Thread(target=self.take, args=(step,)) for step in self.steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.tell_failures()
        self.tell_times()
        return not self.failed

    def take(self, step: Step) -> None:
        before = [other for other in self.steps if other.name in step.after]
        with self.changed:
            self.changed.wait_for(lambda: all(other.state not in ("waits", "runs") for other in before))
            if any(other.state != "ok" for other in before) or (self.failed and self.stops):
                step.state = "left out"
                self.changed.notify_all()
                return
            process = self.start(step)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        with self.changed:
            del self.running[step.name]
            step.seconds = time.monotonic() - self.began - step.began
            step.cpu = usage.ru_utime + usage.ru_stime
            step.state = "ok" if process.returncode == 0 else "left out" if self.failed and self.stops else "FAIL"
            if step.state == "FAIL":
                self.failed = True
            say(f"{step.state:5} {step.name:18} {step.seconds:5.0f} s  {self.counts(step)}")
            if self.failed and self.stops:
                self.end_all()
            self.changed.notify_all()

    def start(self, step: Step) -> subprocess.Popen:
        step.state, step.began = "runs", time.monotonic() - self.began
        with step.log.open("wb") as log:
            process = subprocess.Popen(
                ["nice", *step.command] if step.yields else step.command,
                cwd=HOME,
                env={**os.environ, "TRIBUTARY_TIMES": str(self.times), "TRIBUTARY_CHECK": step.name},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[step.name] = process
        return process

    def end(self) -> None:
        """As whoever started it asks."""
        self.ended = True
        self.end_all()

    def end_all(self) -> None:
        """A check ends what it started; a build has no more than its group."""
        self.failed = True
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.killpg(process.pid, signal.SIGTERM)

    @staticmethod
    def counts(step: Step) -> str:
        """The closing line of its tests."""
        lines = step.log.read_text(errors="replace").splitlines()
        closing = [line for line in lines if line.startswith(("[INFO] Tests run:", "[WARNING] Tests run:", "[ERROR] Tests run:"))]
        closing = [line.partition("] ")[2] for line in closing if " -- in " not in line]
        closing += [line for line in lines[-3:] if " passed, " in line]
        return "; ".join(closing[-1:])

    def tell_failures(self) -> None:
        """What was wrong, and the last lines before it."""
        for step in self.steps:
            if step.state == "FAIL":
                lines = step.log.read_text(errors="replace").splitlines()
                say(f"\n{step.name} failed; {step.log.relative_to(HOME)} ends so:")
                wrong = [line for line in lines if "FAIL  " in line or line.startswith("[ERROR]")]
                say("\n".join(line[:2000] for line in (*wrong[:40], "…", *lines[-TAIL:])))
        left_out = [step.name for step in self.steps if step.state == "left out"]
        if left_out:
            say(f"left out: {', '.join(left_out)}")

    def rows(self):
        """The table: title, when it began, seconds, CPU seconds."""
        parts: dict[str, list] = {}
        if self.times.exists():
            for row in map(json.loads, self.times.read_text().splitlines()):
                parts.setdefault(row["check"], []).append((f"· {row['title']}", None, row["seconds"], None))
        for step in self.steps:
            if step.state in ("ok", "FAIL"):
                yield step.name, step.began, step.seconds, step.cpu
                yield from parts.get(step.name, [])

    def tell_times(self) -> None:
        whole = time.monotonic() - self.began
        lines = ["", "| step | from | seconds | share | CPU s |", "| --- | ---: | ---: | ---: | ---: |"]
        for title, began, seconds, cpu in self.rows():
            start = "" if began is None else f"{began:.0f}"
            lines.append(f"| {title} | {start} | {seconds:.0f} | {100 * seconds / whole:.0f} % | {'' if cpu is None else f'{cpu:.0f}'} |")
        cpu = sum(step.cpu for step in self.steps)
        lines.append(f"| **all** | 0 | {whole:.0f} | 100 % | {cpu:.0f} |")
        say("\n".join(lines))
        (CHECKS / "times.md").write_text("\n".join(lines[1:]) + "\n")
