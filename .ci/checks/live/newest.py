"""The notebook and the readers of a lake with the newest versions there are today, in a Python of their own."""

import subprocess

from ..kit.account import expect, in_order, until
from ..kit.demo import TABLES, Demo
from ..kit.lakes import Lake
from ..kit.paths import CACHE
from ..kit.run import with_demo
from .notebook import expect_runs

PYTHON = CACHE / "newest" / "bin" / "python"
READ = """
import sys, deltalake, duckdb, polars
import duckdb_extensions
duckdb_extensions.import_extension("delta")
for path in sys.argv[1:]:
    table = deltalake.DeltaTable(path).to_pyarrow_table()
    scan = duckdb.sql(f"select count(*) from delta_scan('{path}')").fetchall()[0][0]
    assert table.num_rows == scan > 0, (path, table.num_rows, scan)
    print(path.rpartition("/")[2], table.num_rows)
print("deltalake", deltalake.__version__, "duckdb", duckdb.__version__, "polars", polars.__version__)
"""


def reads(demo):
    lake = demo.lake()
    until("the lake has rows", lambda: all(Lake(lake).fences()[table] > 0 for table in TABLES), 60)
    paths = [str(lake / kind / table) for kind in ("raw-kafka-data", "current") for table in TABLES]
    done = subprocess.run([PYTHON, "-c", READ, *paths], text=True, capture_output=True)
    expect(done.returncode == 0, f"the newest readers: {done.stdout.strip().rpartition(chr(10))[2]}", done.stdout + done.stderr)


def body(demo):
    in_order(("readers", lambda: reads(demo)), ("the notebook", lambda: expect_runs(demo.lake(), PYTHON)))


def main(arguments):
    return with_demo(300, lambda: Demo(0), body)
