"""The job jar: built twice, in two clones, it is the same bytes."""

import hashlib
import shutil
import subprocess

from ..kit.account import Failed, expect
from ..kit.maven import maven
from ..kit.paths import HOME, RUN
from ..kit.run import run


def built(name):
    clone = RUN / name
    subprocess.run(["git", "clone", "-q", str(HOME), str(clone)], check=True)
    try:
        code, output = maven(name, clone, "-Dquick", "-DskipTests", "package")
        if code:
            raise Failed(f"mvn package:\n{output[-2000:]}")
        return hashlib.sha256((clone / "target/tributary.jar").read_bytes()).hexdigest()
    finally:
        shutil.rmtree(clone)


def main(arguments):
    def body():
        first, second = built("first"), built("second")
        expect(first == second, f"tributary.jar is {first[:16]}… twice", f"it is {second[:16]}…, too")

    return run(1200, body)
