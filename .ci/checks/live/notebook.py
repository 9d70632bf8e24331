"""notebooks/lake.ipynb, run whole by a Python that is given."""

import os
import subprocess
from pathlib import Path

from ..kit.account import expect
from ..kit.paths import HOME, LOG, RUN


def expect_runs(lake, python):
    log = LOG / "notebook.out"
    command = [Path(python).parent / "jupyter", "execute", "lake.ipynb", "--output", RUN / "lake.ipynb"]
    with log.open("w") as out:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=HOME / "notebooks",
            env={**os.environ, "LAKE": str(lake)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=180,
        )
    expect(done.returncode == 0, "the notebook runs beside the demo", log.read_text()[-3000:])
