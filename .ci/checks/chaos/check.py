"""Faults at random, several at once, under a steady load of two sources; after each round of them source, lake, current rows, mirror and
metrics must be the same, to the row. --seed decides which faults come when; how far the load is then is the machine's.

--walk takes each kind by itself instead, and has ./tributary check name it while it lasts.
"""

import argparse
import fcntl
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from ..kit import account
from ..kit.account import Failed, expect, say, until
from ..kit.paths import CHECKS
from ..kit.run import run
from . import gaps, network, outages  # noqa: F401 the kinds of outages
from .faults import KINDS
from .operator import Operated
from .report import Fault, Report
from .truth import Truth

BETWEEN = 2.0  # seconds, about


class Chaos:
    def __init__(self, options):
        self.options = options
        self.dice = random.Random(options.seed)
        self.stack = Operated(options)
        self.truth = Truth(self.stack)
        self.report = Report()
        self.active: dict[str, Fault] = {}
        self.recovering: list[Fault] = []
        self.recovered = 0.0  # when the newest fault was recovered from
        self.kinds = [KINDS[name] for name in options.faults or KINDS if options.faults or options.gaps or name not in gaps.NAMES]
        self.kinds = [kind for kind in self.kinds if kind.name not in (options.without or ())]
        if not options.own:
            say(f"left out, as this machine gives no network of its own: {', '.join(kind.name for kind in self.kinds if kind.own)}")
            self.kinds = [kind for kind in self.kinds if not kind.own]

    def body(self):
        try:
            self.stack.start()
            self.warm_up()
            if self.options.walk:
                self.walk()
            else:
                self.rounds()
        finally:
            say(self.report.table())
            self.stack.stop()

    def warm_up(self):
        names = {name for _, _, name in self.truth.names()}

        def changed():
            return {name for source in self.stack.sources for (name, _), n in source.tally().items() if n}

        until("each table has changes", lambda: changed() >= names, 60)
        self.agrees("before the first fault", 120)

    def agrees(self, when, seconds):
        began = time.monotonic()
        wrong = self.truth.agree(seconds)
        took = time.monotonic() - began
        what = f"{when}: {self.truth.changes:,} changes, {self.truth.rows:,} rows are alike in all five, after {took:.0f} s"
        if self.stack.lost:
            what += f"; {self.truth.missing} of {len(self.stack.lost)} changes announced as lost are missing"
        return expect(not wrong, what, "; ".join(wrong[:4]))

    def rounds(self):
        end, number = time.monotonic() + self.options.minutes * 60, 0
        with ThreadPoolExecutor(8) as threads:
            while time.monotonic() < end:
                number += 1
                pending = []
                ends = min(time.monotonic() + self.options.round, end)
                while time.monotonic() < ends:
                    if kind := self.next_kind():
                        fault = Fault(kind.name, number)
                        self.active[kind.name] = fault
                        seed = self.dice.random()
                        pending.append(threads.submit(self.one, kind, fault, random.Random(seed)))
                    time.sleep(self.dice.expovariate(1 / BETWEEN))  # faults come at random
                for each in pending:
                    each.result()
                self.stack.mend()
                alone = [kind for kind in self.kinds if gaps.ALONE in kind.parts]
                if alone and self.options.gaps and number % self.options.gaps == 0:
                    kind = alone[number // self.options.gaps % len(alone)]
                    self.active[kind.name] = fault = Fault(kind.name, number)
                    self.one(kind, fault, random.Random(self.dice.random()))
                if account.failed or not self.agrees(f"round {number}", 240):
                    break  # what is wrong stays wrong, and is to be looked at

    def next_kind(self):
        """One whose parts nobody else touches; those that lose something come by themselves, at the end of a round."""
        taken = {part for name in self.active for part in KINDS[name].parts}
        free = [kind for kind in self.kinds if not kind.parts & (taken | {gaps.ALONE})]
        kind = self.dice.choice(free) if free else None
        going = len(self.active) + (len(self.recovering) if self.options.at_once == 1 else 0)
        rests = time.monotonic() - self.recovered < self.options.pause
        return kind if going < self.options.at_once and not rests else None

    def one(self, kind, fault, dice, during=None):
        """The fault from its begin to the recovery; whatever it throws is a failure of the check."""
        try:
            fault.others = self.others(fault)
            body = kind.body(self.stack, dice)
            goal = self.stack.tallies()
            next(body)
            if during:
                during()
            else:
                time.sleep(dice.uniform(*kind.lasts))  # it lasts
            next(body, None)
            fault.ended = time.time()
            if kind.name != "task-manager-killed":  # that one is to be recovered from by itself
                goal = self.stack.tallies()
        except Exception as e:
            expect(False, f"{kind.name}", f"{type(e).__name__}: {e}")
            return
        finally:
            fault.others |= self.others(fault)
            self.recovering.append(fault)
            del self.active[kind.name]
            self.report.faults.append(fault)
        self.recovers(fault, goal)

    def recovers(self, fault, goal):
        since = fault.began if fault.kind == "task-manager-killed" else fault.ended

        def recovered():
            return self.stack.has_counted(goal) or self.mended()

        try:
            try:
                until("recovery", recovered, 240, 1)
            except Failed:
                if self.stack.anew < fault.began:
                    raise
                # a job without state reads all there is once more
                until("recovery of a job without state", recovered, sum(self.stack.tallies().values()) / 1000, 1)
            fault.recovery = time.time() - since
        except Failed as e:
            expect(False, f"{fault.kind}: what was changed before is counted", e)
        fault.others |= self.others(fault)
        self.recovering.remove(fault)
        self.recovered = time.monotonic()

    def mended(self):
        """What whoever operates it does without being asked."""
        self.stack.mend_connectors()
        self.stack.mend_lost_upload()

    def others(self, fault):
        """Kinds that are there too, or not yet recovered from."""
        return {each.kind for each in (*self.active.values(), *self.recovering) if each is not fault}

    def walk(self):
        for kind in self.kinds:
            until("four slots", lambda: self.stack.cluster.get("/overview")["slots-total"] == 4, 90)  # the newest may still be joining
            fault = Fault(kind.name, 0)
            self.active[kind.name] = fault
            self.one(kind, fault, random.Random(self.dice.random()), self.named(kind, fault) if kind.says else None)
            self.stack.mend()
        self.agrees("after each kind", 180)

    def named(self, kind, fault):
        def during():
            found = []
            end = time.monotonic() + 60
            while time.monotonic() < end:
                told = self.stack.check("--component", kind.component())
                if kind.name != "task-manager-killed":  # what was before says nothing of this one
                    told = [one for one in told if "was started again" not in one["what"]]
                found = [f"{one['component']}: {one['what']} -> {one['remedy']}" for one in told]
                fault.said = next((line for line in found if kind.matches(line)), "")
                if fault.said:
                    break
            expect(fault.said, f"{kind.name}: {fault.said}", "; ".join(found) or "check says that nothing is wrong")

        return during


def main(arguments):
    parser = argparse.ArgumentParser(prog=".ci/chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--faults", type=lambda text: text.split(","), metavar="KIND,…", help=", ".join(KINDS))
    parser.add_argument("--without", type=lambda text: text.split(","), metavar="KIND,…", help="all but these")
    parser.add_argument("--rate", type=int, default=1000, help="changes a second of both sources (default: %(default)s)")
    parser.add_argument("--round", type=float, default=90, help="seconds of faults before all must agree (default: %(default)s)")
    parser.add_argument(
        "--at-once", type=int, default=4, help="faults there may be; of 1 each is recovered from first (default: %(default)s)"
    )
    parser.add_argument("--pause", type=float, default=0, help="seconds without a fault after each recovery (default: %(default)s)")
    parser.add_argument("--gaps", type=int, default=0, help="every so many rounds something is lost for good (default: never)")
    parser.add_argument("--walk", action="store_true", help="each kind by itself")
    options = parser.parse_args(arguments)
    if unknown := {*(options.faults or ()), *(options.without or ())} - set(KINDS):
        parser.error(f"no fault {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    CHECKS.mkdir(parents=True, exist_ok=True)
    lock = (CHECKS / "chaos.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        parser.error("another run is under way in this folder")
    options.own = network.enter()  # this process again: its lock is taken anew
    limit = 3600 if options.walk else int(options.minutes * 90 + 900)
    return run(limit, lambda: Chaos(options).body())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
