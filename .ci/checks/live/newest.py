"""The notebook and the readers of a lake with the newest versions there are today, in a Python of their own.

Not delta_scan: the package index has no delta extension for DuckDB 2. Not polars: version 2 reads no table with column mapping.
"""

import subprocess

from ..kit.account import expect, in_order, until
from ..kit.demo import TABLES, Demo
from ..kit.lakes import Lake
from ..kit.paths import CACHE
from ..kit.run import with_demo
from .notebook import expect_runs

PYTHON = CACHE / "newest" / "bin" / "python"
READ = """
import sys, deltalake, duckdb, pandas, pyarrow
for path in sys.argv[1:]:
    table = deltalake.DeltaTable(path)
    rows = table.to_pyarrow_table()
    seen = duckdb.sql("select count(*), count(_op) from rows" if "raw-" in path else "select count(*), 1 from rows").fetchall()[0]
    plain = duckdb.read_parquet(table.file_uris(), hive_partitioning=True).count("*").fetchall()[0][0]
    assert rows.num_rows == seen[0] == plain > 0 and seen[1] > 0, (path, rows.num_rows, seen, plain)
print(", ".join(f"{each.__name__} {each.__version__}" for each in (deltalake, duckdb, pandas, pyarrow)))
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
    return with_demo(300, lambda: Demo(100), body)
