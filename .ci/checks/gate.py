"""The gate: what every change must pass. Steps that wait go on beside steps that compute."""

import sys

from .kit.maven import MAVEN
from .plan import Plan, Step

# with its mark, or ./tributary would build again, beside those who use it
BUILD = ["bash", "-c", "mvn -B -ntp -DskipTests verify && touch target/tributary.built"]


def install(part, after=()):
    return Step(f"install-{part}", [".ci/install.sh", part], after)


# what ends within seconds, also beside the tests; .ci/full takes all kinds
ROBUST = "task-manager-killed,broker-killed,connect-killed,source-killed,store-killed,warehouse-killed,warehouse-locked,poison"


def check(name, *arguments, after):
    return Step(name, [sys.executable, "-m", "checks", name, *arguments], after)


def steps():
    return [
        install("apt"),
        Step("build", BUILD, ("install-apt",)),
        install("flink", ("install-apt",)),
        install("node", ("install-apt",)),
        install("chart", ("install-apt",)),
        install("store", ("install-chart",)),
        check("style", after=()),
        check("docs", after=("install-apt",)),
        check("rules", after=("install-apt",)),
        check("dashboards", after=("install-node",)),
        check("compose", after=("install-chart", "build")),  # it mounts the jar
        check("licences", after=("install-chart", "build")),
        check("chart", after=("install-chart", "build")),  # both use Maven's repository
        check("live", after=("build", "install-store", "install-flink", "install-node")),
        check("own", after=("live",)),
        # the jar is packed already, and a cluster beside uses it
        Step("tests", [*MAVEN, "-Dshade.skip", "verify"], ("build",), yields=True),
        check(
            "chaos",
            "--minutes",
            "1",
            "--round",
            "60",
            "--rate",
            "300",
            "--seed",
            "1",
            "--at-once",
            "2",
            "--faults",
            ROBUST,
            after=("live", "tests"),
        ),
    ]


def main(arguments):
    plan = Plan(steps(), stops=True)
    return 0 if plan.run() else 1
