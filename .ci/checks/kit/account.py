"""What a check found, a line each, and how it waits."""

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

passed = failed = 0


class OutOfTime(BaseException):
    """The whole check takes too long: no step may take it for an answer."""


class Failed(Exception):
    """What was being checked cannot come true any more."""


def say(text: str) -> None:
    """A line; of a thread that has a name of its own with that."""
    name = threading.current_thread().name
    where = "" if name.startswith(("Main", "Thread")) else f"{name:8} | "
    sys.stdout.write(where + text + "\n")  # at once: threads print side by side
    sys.stdout.flush()


def expect(holds: object, what: str, detail: object = "") -> bool:
    global passed, failed
    if holds:
        passed += 1
        say(f"ok    {what}")
    else:
        failed += 1
        say(f"FAIL  {what}" + (f": {detail}" if detail else ""))
    return bool(holds)


def until(what: str, probe: Callable, seconds: float = 60.0, pause: float = 0.25):
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
        time.sleep(pause)  # between two looks


def in_order(*sections: tuple[str, Callable]) -> None:
    """Each section, whatever became of those before it."""
    for title, section in sections:
        began = time.monotonic()
        say(f"--    {title}")
        try:
            section()
        except Failed as e:
            expect(False, title, e)
        except Exception:
            expect(False, title, traceback.format_exc())
        took = time.monotonic() - began
        say(f"      {took:.0f} s")
        note(title, took)


def note(title: str, seconds: float) -> None:
    """A row of the timing table, where one is made."""
    if file := os.environ.get("TRIBUTARY_TIMES"):
        with Path(file).open("a") as rows:
            rows.write(json.dumps({"check": os.environ.get("TRIBUTARY_CHECK"), "title": title, "seconds": seconds}) + "\n")
