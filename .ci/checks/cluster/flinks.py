"""The code built against each Flink that users may run, and judged there: what needs Flink in the process, and a sink's conformance."""

import re
import shutil

from ..kit.account import expect, in_order
from ..kit.maven import maven
from ..kit.paths import HOME, RUN
from ..kit.run import run

FLINKS = {  # version: the connector for it
    "2.0.0": "4.0.1-2.0",
    "2.1.1": "5.0.0-2.1",
}


def judge(version, connector):
    copy = RUN / version
    shutil.copytree(HOME, copy, ignore=shutil.ignore_patterns("target", ".git", ".tributary"))
    properties = [f"-Dflink.version={version}", f"-Dflink-connector-kafka.version={connector}"]
    for what, tests in (("harness", ["-Dgroups=harness"]), ("conformance", ["-Dtest=MapSinkTest,FencedLakeTest", "-Dgroups="])):
        code, output = maven(f"{version}-{what}", copy, "-Dquick", "test", *tests, *properties)
        counts = re.findall(r"Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+$", output, re.M)
        expect(code == 0 and counts, f"Flink {version}: {what}: {counts[-1] if counts else ''}", output[-2000:])


def main(arguments):
    steps = [(f"Flink {version}", lambda v=version, c=connector: judge(v, c)) for version, connector in FLINKS.items()]
    return run(2400, lambda: in_order(*steps))
