"""A demo of an earlier commit goes on with this one's code: its savepoint, lake and mirror, nothing lost and nothing twice."""

import argparse
import re
import subprocess

from ..kit.account import Failed, expect, in_order
from ..kit.demo import Demo
from ..kit.paths import HOME, RUN, TRIBUTARY
from ..kit.run import run

FROM = "35e2be1"  # before the house was rebuilt
LAST = re.compile(r"read ([\d,]+) = applied ([\d,]+) \+ duplicates ([\d,]+) .*Kafka holds ([\d,]+)")


def built(commit):
    """The program of a commit, with its jar; the clone must have its history."""
    tree = RUN / commit
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=HOME, capture_output=True, check=True)
    subprocess.run(["tar", "x"], cwd=tree, input=archive.stdout, check=True)
    subprocess.run(["mvn", "-B", "-ntp", "-q", "-Dquick", "-DskipTests", "package"], cwd=tree, check=True)
    return tree / "tributary"


def ended(demo, name):
    """How many records it has read since its first start; source, lake and mirror agree."""
    expect(demo.await_end(240) == 0, f"{name}: source, lake and mirror agree", demo.output()[-3000:])
    told = LAST.search(demo.output())
    if not told:
        raise Failed(f"no account: {demo.output()[-2000:]}")
    read, _, again, held = (int(number.replace(",", "")) for number in told.groups())
    expect(read == held and not again, f"{name}: {read:,} records, each read once", told[0])
    return read


def upgraded(commit):
    demo = Demo(300, "--for", "20s", program=built(commit))
    before = ended(demo, f"at {commit}")
    demo.program = TRIBUTARY
    demo.start(300, "--for", "20s")
    after = ended(demo, "at this commit")
    expect(after > before, f"it went on from {before:,} records to {after:,}")


def main(arguments):
    parser = argparse.ArgumentParser(prog="upgrade", description=__doc__)
    parser.add_argument("--from", dest="commit", default=FROM)
    options = parser.parse_args(arguments)
    return run(900, lambda: in_order(("the upgrade", lambda: upgraded(options.commit))))
