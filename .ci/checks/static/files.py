"""Each check of files is some commands that must pass."""

import subprocess
import sys
from pathlib import Path

from ..kit.account import expect
from ..kit.paths import BIN, HOME, NODE, TARGET

OPERATOR = "org.apache.flink:flink-kubernetes-operator-api:1.10.0:jar"
PROFILES = ["kafka", "redpanda", "load", "ui", "registry", "explore"]
SCRIPT_LINES = 300
WRONG_VALUES = [
    "image.tag=latest",
    "parallelism=0",
    "pipelin=x",
    "taskManager.memory=2",
    "storage.checkpoints=checkpoints",
    "storage.lake.path=/lake",
    "storage.lake.existingClaim=lake",
    "kafka=nowhere",
]


def passes(*command, out=None):
    done = subprocess.run([str(part) for part in command], cwd=HOME, text=True, capture_output=True)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(done.stdout)
    words = [str(part).removeprefix(f"{HOME}/") for part in command]
    return expect(done.returncode == 0, " ".join(words)[:150], (done.stdout if not out else "") + done.stderr)


def tool(name):
    return Path(sys.executable).parent / name


def rules(arguments):
    passes("promtool", "check", "config", "dashboards/prometheus.yml")
    passes("promtool", "test", "rules", *sorted((HOME / "dashboards/rules/test").glob("*.yml")))
    passes("amtool", "check-config", "dashboards/alertmanager.yml")


def dashboards(arguments):
    passes("node", ".ci/node/dashboards.mjs", NODE, *sorted((HOME / "dashboards/grafana").glob("*.json")))


def compose(arguments):
    passes(BIN / "actionlint")
    passes(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    loaded = TARGET / "compose.json"
    if passes(BIN / "compose-load", "docker-compose.yml", ".env.example", *PROFILES, out=loaded):
        passes(sys.executable, "-m", "checks.static.compose", loaded)


def chart(arguments):
    chart = "kubernetes/chart"
    passes("helm", "lint", "--strict", "--quiet", chart)
    for wrong in WRONG_VALUES:
        done = subprocess.run(["helm", "lint", "--quiet", chart, "--set", wrong], cwd=HOME, capture_output=True)
        expect(done.returncode != 0, f"the chart refuses {wrong}")
    passes("helm", "lint", "--strict", "--quiet", chart, "--set", "storage.lake.path=/lake,storage.lake.existingClaim=lake")
    rendered = TARGET / "chart.yaml"
    passes("helm", "template", "tributary", chart, "--kube-version", "1.31", "--set", "secret=keys", out=rendered)
    copy = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy"
    operator = TARGET / "operator"
    passes("mvn", "-B", "-ntp", "-q", copy, f"-Dartifact={OPERATOR}", f"-DoutputDirectory={operator}", "-Dmdep.useBaseVersion=true")
    passes(sys.executable, "-m", "checks.static.chart", rendered, next(operator.glob("*.jar")))


def style(arguments):
    """Of the checks themselves."""
    passes(tool("ruff"), "check", ".ci")
    passes(tool("ruff"), "format", "--check", ".ci")
    long = {}
    for file in [*HOME.glob(".ci/**/*.py"), *HOME.glob(".ci/*.sh")]:
        lines = len(file.read_text().splitlines())
        if lines > SCRIPT_LINES:
            long[str(file.relative_to(HOME))] = lines
    expect(not long, f"no script has more than {SCRIPT_LINES} lines", long)
    sleeps = [f"{file.name}:{at}" for file, at in waits()]
    expect(not sleeps, "no sleep stands for a wait", sleeps)


def waits():
    """Sleeps that do not say what they are: a pace, a moment that is random on purpose, an outage."""
    for file in HOME.glob(".ci/**/*.py"):
        for at, line in enumerate(file.read_text().splitlines(), 1):
            if "time.sleep(" in line and "#" not in line:
                yield file, at
