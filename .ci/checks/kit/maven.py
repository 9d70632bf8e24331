"""Maven, in a folder of its own."""

import subprocess

from .paths import LOG

MAVEN = ["mvn", "-B", "-ntp"]


def maven(what, folder, *arguments):
    """The exit code, and all that it printed, which the log of this name keeps."""
    log = LOG / f"{what}.log"
    with log.open("w") as out:
        code = subprocess.run([*MAVEN, *arguments], cwd=folder, stdout=out, stderr=subprocess.STDOUT).returncode
    return code, log.read_text()
