"""Reads the demo's lake with deltalake, with DuckDB's delta_scan and with DuckDB on the plain Parquet files: the same rows."""
import json
import sys

import duckdb
import duckdb_extensions
from deltalake import DeltaTable

duckdb_extensions.import_extension("delta")
lake, report = sys.argv[1], json.load(open(sys.argv[2]))
for table in report["tables"]:
    path = f"{lake}/raw-kafka-data/{table['name']}"
    rows = DeltaTable(path).to_pyarrow_table().sort_by([("_partition", "ascending"), ("_offset", "ascending")])
    assert rows.num_rows == table["history_rows"], (table["name"], rows.num_rows)
    columns = sorted(rows.column_names)
    quoted = ", ".join('"%s"' % c for c in columns)
    sums = []
    for source in ("rows", f"delta_scan('{path}')", f"read_parquet('{path}/dt=*/*.parquet', hive_partitioning = true)"):
        sums.append(duckdb.sql(
            f"select count(*), count(distinct _topic || '-' || _partition || '@' || _offset), "
            f"sum(hash({quoted})::hugeint) from {source}").fetchone())
    assert sums[0] == sums[1] == sums[2], (table["name"], sums)
    assert sums[0][0] == sums[0][1] == table["history_rows"], (table["name"], sums[0])
    current = f"{lake}/current/{table['name']}"
    rows = DeltaTable(current).to_pyarrow_table()
    quoted = ", ".join('"%s"' % c for c in sorted(rows.column_names))
    sums = [duckdb.sql(f"select count(*), sum(hash({quoted})::hugeint) from {source}").fetchone()
            for source in ("rows", f"delta_scan('{current}')")]
    assert sums[0] == sums[1] and sums[0][0] == table["source_rows"], (table["name"], sums)
    print("%-20s %d history rows, the same for deltalake, delta_scan and plain Parquet" % (table["name"], sums[0][0]))
