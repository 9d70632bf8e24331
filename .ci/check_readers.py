"""Reads the demo's lake with deltalake, with DuckDB's delta_scan and with DuckDB on the plain Parquet files: the same rows."""
import json
import sys

import duckdb
import duckdb_extensions
from deltalake import DeltaTable

duckdb_extensions.import_extension("delta")
lake, report = sys.argv[1], json.load(open(sys.argv[2]))
def results(aggregate, columns):
    """The aggregate's rows as both readers have them."""
    path = f"{lake}/{aggregate}"
    rows = DeltaTable(path).to_pyarrow_table()
    found = []
    for source in ("rows", f"delta_scan('{path}')"):
        found.append(duckdb.sql(f"select {columns} from {source} order by all").fetchall())
    assert found[0] == found[1] and found[0], (aggregate, found)
    return found[0]


transactions = DeltaTable(f"{lake}/current/public.transactions").to_pyarrow_table()
expected = duckdb.sql("select country, count(*), sum(amount), min(amount), max(amount) from transactions group by all order by all").fetchall()
assert results("transactions-by-country", "country, count, sum_amount, min_amount, max_amount") == expected, expected
history = DeltaTable(f"{lake}/raw-kafka-data/public.transactions").to_pyarrow_table()
expected = duckdb.sql("select _ts_ms // 60000, count(*) from history where _op in ('c', 'u', 'd') group by all order by all").fetchall()
assert results("transactions-per-minute", "epoch_ms(window_start) // 60000, count") == expected, expected
print("aggregates equal SQL over the current rows and the history")

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
    now = [duckdb.sql(f"select count(*), sum(hash({quoted})::hugeint) from {source}").fetchone()
           for source in ("rows", f"delta_scan('{current}')")]
    assert now[0] == now[1] and now[0][0] == table["source_rows"], (table["name"], now)
    print("%-20s %d history rows, the same for deltalake, delta_scan and plain Parquet; %d current rows"
          % (table["name"], sums[0][0], now[0][0]))


def skipping(path):
    """Readers leave out files by the bounds and nulls in the log: each value that is there must still be found."""
    import pyarrow.compute as pc

    table = DeltaTable(path)
    rows, dataset = table.to_pyarrow_table(), table.to_pyarrow_dataset()
    checked = 0
    for column in rows.column_names:
        values = rows.column(column)
        present = values.drop_null().unique()
        wanted = [present[i] for i in {0, len(present) // 2, len(present) - 1}] if len(present) else []
        for value in wanted:
            there = pc.sum(pc.equal(values, value)).as_py()
            found = dataset.to_table(filter=pc.field(column) == value).num_rows
            literal = duckdb.execute(f'select count(*) from delta_scan(\'{path}\') where "{column}" = ?', [value.as_py()]).fetchone()[0]
            assert found == literal == there > 0, (path, column, value, there, found, literal)
            checked += 1
        nulls = duckdb.sql(f"select count(*) from delta_scan('{path}') where \"{column}\" is null").fetchone()[0]
        assert nulls == values.null_count == dataset.to_table(filter=pc.field(column).is_null()).num_rows, (path, column, nulls)
    files = duckdb.sql(f"select count(*), count(add.stats), count(*) filter (contains(add.stats, 'maxValues'))"
                       f" from (select unnest([add]) as add from read_json_auto('{path}/_delta_log/*.json') where add is not null)").fetchone()
    assert files[0] == files[1] == files[2] > 0, files
    print("%-20s %d filters by value find what is there" % (path.rpartition("/")[2], checked))


for table in report["tables"]:
    skipping(f"{lake}/raw-kafka-data/{table['name']}")
    skipping(f"{lake}/current/{table['name']}")
