"""The server, in a Python of its own: the readers of the lake have another DuckDB."""

import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from ..kit.account import until
from ..kit.paths import CACHE, HOME, RUN

PYTHON = CACHE / "snowflake" / "bin" / "python"
HERE = Path(__file__).parent
SERVER = [PYTHON, HERE / "fakesnow_server.py"]
ROWS = [PYTHON, HERE / "rows.py"]


def await_up(port):
    def up():
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError as e:
            return e.code == 404

    until("fakesnow is up", up, 180)


def driver():
    """The path of Snowflake's driver; its version is the profile's."""
    path = RUN / "driver"
    goal = ["dependency:build-classpath", "-DincludeScope=test", "-DincludeArtifactIds=snowflake-jdbc", f"-Dmdep.outputFile={path}"]
    subprocess.run(["mvn", "-B", "-q", "-Dquick", "-Dtributary.snowflake=yes", *goal], cwd=HOME, check=True)
    return path.read_text()
