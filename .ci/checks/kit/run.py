"""The frame of a check: its folder, its time, its end."""

import os
import shutil
import signal
import sys
import time

from . import account
from .account import Failed, OutOfTime, expect, say
from .paths import LOG, RUN
from .processes import QUICK_JAVA, processes


def run(seconds, body, java=QUICK_JAVA):
    """Runs body() within so many seconds; the exit code. Whatever it started has ended after that."""
    os.environ.setdefault("TRIBUTARY_JAVA_OPTS", java)
    shutil.rmtree(RUN, ignore_errors=True)
    LOG.mkdir(parents=True)
    began = time.monotonic()

    def out_of_time(*_):
        raise OutOfTime(f"not done within {seconds} s")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(seconds)
    try:
        body()
    except (Failed, OutOfTime) as e:
        expect(False, "the check itself", str(e))
    finally:
        signal.alarm(0)
        processes.stop_all()
    if not account.failed:  # a failed run keeps all, a good one its logs
        for path in RUN.iterdir():
            if path.is_dir() and path != LOG:
                shutil.rmtree(path, ignore_errors=True)
    say(f"{account.passed} passed, {account.failed} failed ({time.monotonic() - began:.0f} s)")
    return 1 if account.failed or not account.passed else 0


def with_demo(seconds, make, body, java=QUICK_JAVA):
    """The same with a demo, which make() starts and which is up when body(demo) begins."""

    def inner():
        demo = make()
        try:
            demo.await_up()
            body(demo)
        finally:
            processes.stop_all()
            demo.end_database()

    return run(seconds, inner, java)
