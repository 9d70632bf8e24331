"""A stranger's project: the toy sink, built and judged with nothing but the artifacts that this build publishes."""

import shutil
from pathlib import Path

from ..kit.account import Failed, expect, in_order
from ..kit.maven import maven
from ..kit.paths import HOME, RUN
from ..kit.run import run

MODULES = ("core", "decode", "changelog", "lake", "warehouse")
INSTALLED = Path.home() / ".m2/repository/io/tributary"
STRANGER = RUN / "stranger"


def publish():
    code, output = maven("install", HOME, "-Dquick", "-DskipTests", "-Dshade.skip", "-Drelease", "install")
    if code:
        raise Failed(f"mvn install:\n{output[-2000:]}")
    for module in MODULES:
        kinds = {file.name.partition("SNAPSHOT")[2] for file in (INSTALLED / f"tributary-{module}").glob("*/*.jar")}
        expect(kinds == {".jar", "-sources.jar", "-javadoc.jar"}, f"tributary-{module} has its sources and its Javadoc", str(kinds))


def build():
    """As docs/how-to/write-a-sink.md says."""
    toys = HOME / "src/test/java/com/example/map"
    for kind, name in (("main", "MapProvider"), ("main", "MapSink"), ("test", "MapSinkTest")):
        target = STRANGER / f"src/{kind}/java/com/example/map/{name}.java"
        target.parent.mkdir(parents=True, exist_ok=True)
        ours = ("import io.tributary.Server;\n", "@Server\n")  # for the order of our own tests
        target.write_text("".join(line for line in (toys / f"{name}.java").read_text().splitlines(True) if line not in ours))
    shutil.copytree(HOME / "src/test/resources/doors", STRANGER / "src/test/resources/doors")
    how_to = (HOME / "docs/how-to/write-a-sink.md").read_text()
    (STRANGER / "pom.xml").write_text(how_to.partition("```xml\n")[2].partition("```")[0])
    code, output = maven("stranger", STRANGER, "test")
    result = [line for line in output.splitlines() if "Tests run:" in line][-1:]
    passed = code == 0 and result and "Tests run: 10, Failures: 0, Errors: 0, Skipped: 0" in result[0]
    expect(passed, "the sink passes the conformance kit", output[-2000:])


def main(arguments):
    was_there = INSTALLED.exists()

    def body():
        in_order(("the artifacts", publish), ("a stranger's sink", build))

    try:
        return run(1200, body)
    finally:
        if not was_there:
            shutil.rmtree(INSTALLED, ignore_errors=True)
