"""WarehouseConformance by Snowflake's driver: what holds of a mirror in PostgreSQL must hold there."""

import os
import re
import subprocess

from ..kit.account import expect, in_order
from ..kit.paths import HOME, LOG
from ..kit.processes import free_port, processes
from ..kit.run import run
from .server import SERVER, await_up


def conformance():
    os.environ["SNOWFLAKE_DISABLE_PLATFORM_DETECTION"] = "true"
    port = free_port()
    processes.start("fakesnow", [*SERVER, port])
    await_up(port)
    log = LOG / "conformance.out"
    with log.open("w") as out:
        command = ["mvn", "-B", "-ntp", "-Dquick", "test", "-Dtest=SnowflakeConformance", f"-Dtributary.snowflake=127.0.0.1:{port}"]
        code = subprocess.run(command, cwd=HOME, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT).returncode
    text = log.read_text()
    ran = re.findall(r"^.*(Tests run: (\d+), Failures: 0, Errors: 0, Skipped: 0).*$", text, re.MULTILINE)
    noise = re.compile("SEVERE|handleMaxRetriesExceeded")
    expect(
        code == 0 and ran and int(ran[-1][1]) > 40,
        f"the conformance: {ran[-1][0] if ran else 'no test'}",
        "\n".join(line for line in text.splitlines() if not noise.search(line))[-5000:],
    )


def main(arguments):
    return run(900, lambda: in_order(("Snowflake's driver", conformance)))
