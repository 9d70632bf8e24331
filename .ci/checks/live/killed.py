"""A demo killed with -9 under load and started again on the same data, several times: everything once, nothing lost."""

import argparse
from functools import partial

from ..kit.account import expect, in_order, until
from ..kit.demo import TABLES, Demo
from ..kit.lakes import Lake
from ..kit.paths import RUN
from ..kit.processes import processes
from ..kit.run import with_demo
from . import report


def lake_end(demo):
    return Lake(demo.lake()).fences()[TABLES[0]]


def killed(demo, times):
    for time in range(times):
        if time:
            demo.start(500)
            demo.await_up()
        before = lake_end(demo)
        until("the lake has rows of this start", lambda before=before: lake_end(demo) > before + 1000, 90)
        processes.kill(demo.process)
        expect(True, f"killed with {lake_end(demo):,} records of {TABLES[0]} in the lake")


def agrees(demo):
    file = RUN / "report.json"
    demo.start(500, "--for", "15s", "--report", file)
    expect(demo.await_end(240) == 0, "source, lake and mirror agree", demo.output()[-3000:])
    report.expect_agreement(report.read(file))
    report.Readers(demo.lake()).all(report.read(file))


def body(options, demo):
    in_order(("kills", lambda: killed(demo, options.times)), ("the last start", lambda: agrees(demo)))


def main(arguments):
    parser = argparse.ArgumentParser(prog="killed", description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args(arguments)
    return with_demo(900, lambda: Demo(500), partial(body, options))
