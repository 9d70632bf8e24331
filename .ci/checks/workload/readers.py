"""What the readers of a lake, and a mirror, say of a table: the same rows, whoever reads."""

import datetime
import decimal
import json
from collections import Counter

from ..kit.paths import RUN


def plain(value):
    """The same text for a value of the source and of any reader."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime.datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return str((utc - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return str((value - datetime.date(1970, 1, 1)).days)
    if isinstance(value, decimal.Decimal):
        return f"{value.normalize():f}"
    return str(value)


def rows_of(columns, values):
    return Counter(zip(*([plain(v) for v in values[c]] for c in columns)))


def folder(name):
    """As the lake writes a table's name in a path."""
    return "".join(c if c.isalnum() or c in "_-. " else "".join(f"~{b:02X}" for b in c.encode()) for c in name)


class Readers:
    """All who can read a table of the workload."""

    def __init__(self, minio, copy, plain_histories, warehouse=None):
        self.minio, self.copy, self.plain_histories, self.warehouse = minio, copy, plain_histories, warehouse

    def named(self, where):
        """The files of a history that its log names: there are more, of a job that was given up and of columns that were widened."""
        files, folder = {}, self.copy / where
        for entry in sorted(folder.glob("_delta_log/*.json")):
            for line in map(json.loads, entry.read_text().splitlines()):
                if "add" in line:
                    files[line["add"]["path"]] = str(folder / line["add"]["path"])
                elif "remove" in line:
                    files.pop(line["remove"]["path"], None)
        return list(files.values())

    def each(self, path, columns):
        """Rows by reader."""
        import duckdb
        import polars
        from deltalake import DeltaTable

        if self.warehouse and path.startswith(("raw-kafka-data/", "current/")):
            yield "the mirror", self.mirror(path, columns)
        where = "/".join(folder(part) for part in path.split("/"))
        if path.startswith("raw-kafka-data/"):
            is_plain = path.removeprefix("raw-kafka-data/w.") in self.plain_histories
            files = [str(file) for file in (self.copy / where).glob("dt=*/*.parquet")] if is_plain else self.named(where)
            rows = duckdb.read_parquet(files, union_by_name=True, hive_partitioning=True).to_arrow_table()
            yield "the plain files", rows_of(columns, rows.to_pydict())
            if is_plain:
                return
        # of a table with spaces or letters beyond ASCII in its name, deltalake finds the files in a folder only, and polars nowhere
        is_ascii = where.isascii() and " " not in where
        place = f"s3://lake/w/{where}" if is_ascii else str(self.copy / where)
        storage = self.minio.options() if is_ascii else {}
        rows = DeltaTable(place, storage_options=storage).to_pyarrow_table()
        types = {field.name: str(field.type) for field in rows.schema}
        yield "deltalake", rows_of(columns, rows.to_pydict())
        if is_ascii:
            lazy = polars.scan_delta(place, storage_options=storage).collect()
            yield "polars", rows_of(columns, lazy.to_dict(as_series=False))
        quoted = str(self.copy / where).replace("'", "''")
        duck = duckdb.sql(f"select * from delta_scan('{quoted}')").to_arrow_table()
        yield "delta_scan", rows_of(columns, duck.to_pydict())
        kernel = {column: [] for column in columns}
        with (RUN / "kernel" / path.replace("/", "~")).open() as lines:
            for line in lines:
                row = json.loads(line, parse_float=str)
                for column in columns:
                    value = row.get(column)
                    if value is not None and types.get(column, "").startswith("decimal"):
                        value = decimal.Decimal(value)
                    elif value is not None and types.get(column) == "double":
                        value = float(value)
                    kernel[column].append(value)
        yield "Delta Kernel", rows_of(columns, kernel)

    def mirror(self, path, columns):
        """Rows of a mirror, or of its history, by what the lake calls them."""
        name = path.partition("/")[2].removeprefix("w.").replace('"', '""')
        if path.startswith("current/"):
            quoted = ", ".join(f'"{column}"' for column in columns)
            statement = f'select {quoted} from w."{name}" where not cdc_deleted'
        else:
            statement = f"select split_part(cdc_position, ':', 1), split_part(cdc_position, ':', 2), cdc_op from w.\"{name}_history\""
        return Counter(tuple(map(plain, row)) for row in self.warehouse.rows(statement))

    def agree(self, what, truth, path, columns, allows=lambda more, less: False):
        """Whether every reader has the rows that there are; the first difference."""
        for reader, rows in self.each(path, columns):
            more, less = rows - truth, truth - rows
            if (more or less) and not allows(more, less):
                counts = f"{sum(rows.values())} rows for {sum(truth.values())}"
                return f"{what} by {reader}: {counts}; not there {list(less)[:2]}; not of the source {list(more)[:2]}"
        return ""
