"""What takes longer than the gate, part by part; a part that has passed at this commit is not run again.

Run it whole before an issue that touches decode, changelog or a sink is resolved. Its table goes to docs/results.md.
"""

import argparse
import json
import subprocess
import sys
import time

from .gate import BUILD
from .kit.account import say
from .kit.maven import MAVEN
from .kit.paths import CHECKS, HOME
from .plan import Plan, Step


def check(name, *arguments):
    return [sys.executable, "-m", "checks", name, *arguments]


def suite(test, *settings):
    return [*MAVEN, "-Dquick", "test", f"-Dtest={test}", *settings]


GAPS = "poison,table-unpublished,slot-dropped,records-deleted,topic-made-anew,kafka-restored,lake-went-back,warehouse-emptied"
PARTS = {  # name: command, and what .ci/install.sh must bring for it
    "fuzz": (suite("FuzzTest", "-Dtributary.fuzz=5000000", "-Dsurefire.argLine="), ""),
    "decode-speed": (suite("DecodeBenchmark", "-Dsurefire.argLine="), ""),  # as users' JVMs compile
    "poison": (suite("PoisonBenchmark", "-Dsurefire.argLine=-Xmx1g"), ""),
    "demo": (check("demo"), ""),
    "own": (check("own"), ""),
    "killed": (check("killed"), ""),
    "upgrade": (check("upgrade"), ""),
    "sockets": (check("sockets"), ""),
    "submit": (check("submit"), "flink"),
    "artifacts": (check("artifacts"), ""),
    "reproducible": (check("reproducible"), ""),
    "flinks": (check("flinks"), ""),
    "lake": (check("lake", "--away", "120"), "flink store"),
    "seaweedfs": (check("lake", "--away", "20", "--store", "seaweedfs"), "flink seaweedfs"),
    "metrics": (check("metrics", "--changes", "300000"), "flink"),
    "workload": (check("workload", "--tables", "42", "--events", "60000", "--rate", "500"), "store"),
    "workload-kills": (check("workload", "--tables", "42", "--events", "60000", "--rate", "500", "--kills", "20"), "store"),
    "workload-steady": (check("workload", "--tables", "20", "--rate", "3000", "--steady", "300", "--every", "60s"), "store"),
    "mirror-soft": (check("workload", "--mirror", "soft", "--tables", "12", "--events", "30000", "--rate", "300"), "store"),
    "mirror-kills": (
        check("workload", "--mirror", "hard", "--tables", "12", "--events", "40000", "--rate", "300", "--kills", "20"),
        "store",
    ),
    "chaos": (check("chaos", "--minutes", "10", "--seed", "10", "--round", "150"), "store flink"),
    "chaos-gaps": (
        check("chaos", "--minutes", "11", "--seed", "1", "--rate", "300", "--round", "4", "--gaps", "1", "--faults", GAPS),
        "store flink",
    ),
    "chaos-walk": (check("chaos", "--walk", "--rate", "300"), "store flink"),
    "snowflake": (check("snowflake"), "snowflake"),
    "snowflake-workload": (
        check("workload", "--mirror", "hard", "--warehouse", "snowflake", "--tables", "3", "--events", "30000", "--rate", "110"),
        "store snowflake",
    ),
    "newest": (check("newest"), "newest"),
}


class Passed:
    """Which parts have passed, and at which commit."""

    def __init__(self):
        self.file = CHECKS / "passed.json"
        git = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=HOME, text=True, stdout=subprocess.PIPE)
        changed = subprocess.run(["git", "status", "--porcelain"], cwd=HOME, text=True, stdout=subprocess.PIPE)
        self.commit = git.stdout.strip() + (" with changes" if changed.stdout.strip() else "")
        self.all = json.loads(self.file.read_text()) if self.file.exists() else {}

    def has(self, part):
        return self.all.get(part, {}).get("commit") == self.commit and "changes" not in self.commit

    def note(self, part, seconds, counts):
        self.all[part] = {"commit": self.commit, "date": time.strftime("%Y-%m-%d"), "seconds": round(seconds), "counts": counts}
        self.file.write_text(json.dumps(self.all, indent=1) + "\n")

    def table(self):
        rows = ["| part | commit | date | seconds | result |", "| --- | --- | --- | ---: | --- |"]
        for part in PARTS:
            if one := self.all.get(part):
                rows.append(f"| `{part}` | {one['commit']} | {one['date']} | {one['seconds']} | {one['counts'] or 'passed'} |")
        return "\n".join(rows)


def main(arguments):
    parser = argparse.ArgumentParser(prog=".ci/full", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="all of them unless said")
    parser.add_argument("--list", action="store_true", help="names the parts, and what each runs")
    parser.add_argument("--again", action="store_true", help="also what has passed at this commit")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.list:
        for name, (command, _) in PARTS.items():
            say(f"{name:20} {' '.join(command).removeprefix(sys.executable + ' -m checks ')}")
        return 0
    CHECKS.mkdir(parents=True, exist_ok=True)
    passed = Passed()
    wanted = [name for name in options.parts or PARTS if options.again or not passed.has(name)]
    if not wanted:
        say(f"all have passed at {passed.commit}; --again runs them again")
        return 0
    needs = sorted({need for name in wanted for need in PARTS[name][1].split()})
    prepare = [
        Step("install", [".ci/install.sh", "apt", "node", *needs]),
        Step("build", BUILD, ("install",)),
    ]
    if not Plan(prepare, stops=True).run():
        return 1
    ok = True
    for name in wanted:  # one at a time: some look at how fast things are
        step = Step(name, PARTS[name][0])
        plan = Plan([step], stops=False)
        if plan.run():
            passed.note(name, step.seconds, plan.counts(step))
        else:
            ok = False
        if plan.ended:
            break
    (CHECKS / "full.md").write_text(passed.table() + "\n")
    say("\n" + passed.table())
    return 0 if ok else 1
