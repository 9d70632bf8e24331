"""What a demo with --for reports, and what readers find in its lake."""

import json

from ..kit.account import expect
from ..kit.demo import TABLES
from ..kit.lakes import Lake


def read(file):
    return json.loads(file.read_text())


def expect_agreement(report, swept=None):
    """Every table agrees, the account balances, and Kafka has as many records as the job read.

    `swept`: rows by table that the end of a snapshot has deleted, all at its place.
    """
    expect(report["ok"] is True and report["problems"] == [], "the report has no problem", report["problems"])
    names = [table["name"] for table in report["tables"]]
    expect(names == list(TABLES), "it has all tables", names)
    for table in report["tables"]:
        rows = {table[each] for each in ("source_rows", "lake_rows", "current_rows", "mirror_rows")}
        differing = {each: table[each] for each in ("differing", "current_differing", "mirror_differing", "repeated")}
        read = table["applied"] + table["duplicates"] + table["rejected"] + table["ignored"]
        wrong = [
            what
            for what, holds in {
                "rows": len(rows) == 1 and 0 not in rows,
                "differences": not any(differing.values()),
                "checksums": table["source_checksum"] == table["lake_checksum"],
                "account": table["read"] == read == table["kafka_records"],
                "history": table["history_rows"] == table["applied"] + (swept or {}).get(table["name"], 0),
            }.items()
            if not holds
        ]
        expect(
            not wrong, f"{table['name']}: {table['source_rows']:,} rows in source, lake and mirror; the account balances", (wrong, table)
        )
    total = report["total"]
    expect(total["read"] == total["kafka_records"] > 0, f"{total['read']:,} records read, as many as Kafka has", total)


class Readers:
    """deltalake, DuckDB's delta_scan and DuckDB on the plain files see the same rows."""

    def __init__(self, lake, swept=None):
        self.swept = swept or {}
        import duckdb_extensions

        duckdb_extensions.import_extension("delta")
        self.path, self.lake = str(lake), Lake(lake)

    def all(self, report):
        self.aggregates()
        for table in report["tables"]:
            self.history(table)
            self.current(table)
            self.skipping(f"raw-kafka-data/{table['name']}")
            self.skipping(f"current/{table['name']}")

    @staticmethod
    def sums(what, sources, columns):
        import duckdb

        quoted = ", ".join(f'"{c}"' for c in sorted(columns))
        found = [duckdb.sql(f"select count(*), sum(hash({quoted})::hugeint) from {source}").fetchone() for source in sources]
        expect(len(set(found)) == 1 and found[0][0] > 0, f"{what}: {found[0][0]:,} rows, the same for {len(sources)} readers", found)
        return found[0][0]

    def history(self, table):
        import duckdb

        path = f"{self.path}/raw-kafka-data/{table['name']}"
        rows = self.lake.history(table["name"])
        duckdb.register("history_rows", rows)
        sources = ["history_rows", f"delta_scan('{path}')", f"read_parquet('{path}/dt=*/*.parquet', hive_partitioning = true)"]
        count = self.sums(f"history of {table['name']}", sources, rows.column_names)
        places = duckdb.sql("select count(distinct _topic || '-' || _partition || '@' || _offset) from history_rows").fetchone()[0]
        once = count == table["history_rows"] == places + self.swept.get(table["name"], 0)
        expect(once, f"each of its {places:,} places once", (count, table["history_rows"]))

    def current(self, table):
        import duckdb

        path = f"current/{table['name']}"
        rows = self.lake.rows(path)
        duckdb.register("current_rows", rows)
        count = self.sums(f"current {table['name']}", ["current_rows", f"delta_scan('{self.path}/{path}')"], rows.column_names)
        expect(count == table["source_rows"], "as many as the source has", (count, table["source_rows"]))

    def aggregates(self):
        """They equal SQL over the current rows and the history."""
        import duckdb

        wanted = {
            "transactions-by-country": (
                "current/public.transactions",
                "country, count, sum_amount, min_amount, max_amount",
                "select country, count(*), sum(amount), min(amount), max(amount) from truth_rows group by all order by all",
            ),
            "transactions-per-minute": (
                "raw-kafka-data/public.transactions",
                "epoch_ms(window_start) // 60000, count",
                "select _ts_ms // 60000, count(*) from truth_rows where _op in ('c', 'u', 'd') group by all order by all",
            ),
        }
        for name, (path, columns, statement) in wanted.items():
            duckdb.register("truth_rows", self.lake.rows(path))
            duckdb.register("group_rows", self.lake.rows(name))
            truth = duckdb.sql(statement).fetchall()
            found = [
                duckdb.sql(f"select {columns} from {source} order by all").fetchall()
                for source in ("group_rows", f"delta_scan('{self.path}/{name}')")
            ]
            expect(found[0] == found[1] == truth and truth, f"aggregate {name} is what SQL says: {len(truth)} groups", (found, truth))

    def skipping(self, path):
        """Readers leave out files by the bounds and nulls in the log: each value that is there must still be found."""
        import duckdb
        import pyarrow.compute as pc

        table = self.lake.table(path)
        scan = f"delta_scan('{self.path}/{path}')"
        rows, dataset = table.to_pyarrow_table(), table.to_pyarrow_dataset()
        wrong, checked = [], 0
        for column in rows.column_names:
            values = rows.column(column)
            present = values.drop_null().unique()
            for value in [present[i] for i in {0, len(present) // 2, len(present) - 1}] if len(present) else []:
                there = pc.sum(pc.equal(values, value)).as_py()
                found = dataset.to_table(filter=pc.field(column) == value).num_rows
                literal = duckdb.execute(f'select count(*) from {scan} where "{column}" = ?', [value.as_py()]).fetchone()[0]
                if not found == literal == there > 0:
                    wrong.append((column, value, there, found, literal))
                checked += 1
            nulls = duckdb.sql(f'select count(*) from {scan} where "{column}" is null').fetchone()[0]
            if not nulls == values.null_count == dataset.to_table(filter=pc.field(column).is_null()).num_rows:
                wrong.append((column, nulls, values.null_count))
        files = duckdb.sql(
            "select count(*), count(add.stats), count(*) filter (contains(add.stats, 'maxValues'))"
            f" from (select unnest([add]) as add from read_json_auto('{self.path}/{path}/_delta_log/*.json') where add is not null)"
        ).fetchone()
        expect(not wrong and checked, f"{path}: {checked} filters by value find what is there", wrong[:3])
        expect(files[0] == files[1] == files[2] > 0, f"{path}: all {files[0]} files have bounds", files)
