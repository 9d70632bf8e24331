"""The lake on a real store: a demo and a session cluster write there, through a killed TaskManager, a store that is away, a savepoint there
and a restore at another parallelism; then histories, current rows and aggregates are what SQL says over the source, for three readers.
"""

import argparse
import os
import re
import time
from functools import partial

from ..kit.account import expect, in_order, until
from ..kit.cluster import Cluster
from ..kit.demo import TABLES, Demo
from ..kit.paths import RUN, TRIBUTARY
from ..kit.processes import output_of
from ..kit.run import with_demo
from ..kit.store import STORES

PIPELINE = """
name: lake
source:
  bootstrap: BOOTSTRAP
  topics: cdc\\..*|__debezium-heartbeat\\.cdc
tables:
  public.transactions: {buckets: 4}
  sales.orders: {format: parquet}
  sales.transactions: {format: json}
aggregates:
  by-country: {table: public.transactions, group-by: country, count: true, sum: amount, min: amount, max: amount, count-distinct: city}
  large: {table: public.transactions, count: true, where: {amount: {min: 100}}}
  pairs:
    {table: public.transactions, join: {table: sales.transactions, on: {currency: currency}},
     group-by: sales.transactions.status, count: true}
  countries: {table: public.transactions, group-by: country, count: true, sum: amount, format: csv}
  per-minute: {table: public.transactions, window: 1m, count: true}
sinks:
  lake: {path: "s3://lake/cluster", current: {every: 4s}}
"""


def check(lake, *arguments, prefix=(), **environment):
    """./tributary check of the lake; its exit code and all that it printed."""
    command = [*prefix, TRIBUTARY, "check", "--component", "lake", "--lake", lake, *arguments]
    return output_of(command, environment={**os.environ, **environment})


def doctor(minio):
    code, said = check("s3://lake/x")
    expect(code == 1 and "does not answer: Connection refused" in said, "a store that is not there is told", said)
    minio.start()
    until("the store answers", lambda: "does not answer" not in check("s3://lake/x")[1], 30)
    code, said = check("s3://lake/x", AWS_ACCESS_KEY_ID="other")
    expect(code == 1 and "does not know the key" in said, "an unknown key is told", said)
    code, said = check("s3://lake/x", AWS_SECRET_ACCESS_KEY="another secret")
    expect(code == 1 and "the secret is not the key's" in said, "a wrong secret is told", said)
    expect("another secret" not in said, "no secret is printed", said)
    code, said = check("s3://lake/x")
    expect(code == 1 and "has no bucket lake" in said, "a bucket that is missing is told", said)
    code, said = check("s3://lake/x", "--fix")
    expect(code == 0 and "fixed by" in said, "--fix makes the bucket", said)
    code, said = check("s3://lake/x")
    expect(code == 0 and "can be written" in said, "nothing is wrong then", said)
    code, said = check("s3://lake/x", prefix=("faketime", "-f", "+20m"))
    expect(code == 1 and re.search(r"clock is 1[12]\d\d s ahead", said), "a clock that is off is told", said)


class Checks:
    def __init__(self, demo, cluster, minio, away_seconds):
        self.demo, self.cluster, self.minio, self.away_seconds = demo, cluster, minio, away_seconds
        self.pipeline = RUN / "lake.yaml"
        self.pipeline.write_text(PIPELINE.replace("BOOTSTRAP", demo.kafka))
        self.job = None
        self.copy = RUN / "copy"

    def sql(self, statement):
        return self.demo.sql(statement)

    def failures(self):
        self.job = self.cluster.submit(self.pipeline, 2).await_running()
        victim = self.job.lose_task_manager()
        expect(True, f"{victim} killed, and the job goes on from its checkpoint in MinIO")
        savepoint = self.job.stop("s3://lake/savepoints")
        expect(savepoint.startswith("s3://"), "stopped with a savepoint in MinIO", savepoint)
        self.job = self.cluster.submit(self.pipeline, 3, savepoint).await_running()
        self.job.await_checkpoints(2)
        expect(True, "restored from it at parallelism 3")

    def away(self):
        before = self.sql("select count(*) from public.transactions")[0][0]
        failures = self.job.restarts()
        self.minio.stop()
        began = time.monotonic()
        try:
            told = until("the job says what it waits for", lambda: self.job.misses_store(failures), 60)
            expect(told, f"the job misses MinIO: {told[:150]}")
            time.sleep(max(0.0, self.away_seconds - (time.monotonic() - began)))  # the outage itself
        finally:
            self.minio.start()
        self.job.await_running(120)
        self.job.await_checkpoints(2, 120)
        expect(
            self.sql("select count(*) from public.transactions")[0][0] > before,
            f"MinIO was away for {self.away_seconds} s, the source went on",
        )

    def compaction(self):
        """Beside the running job; today counts as over."""
        command = [TRIBUTARY, "compact", "--lake", "s3://lake/cluster", "--before", "2100-01-01", "--retention", "0s"]
        code, output = output_of(command)
        made = re.search(r"raw-kafka-data/public.transactions +1 days: (\d+) files made (\d+); (\d+) deleted", output)
        if expect(code == 0 and made, "compact, beside the running job", output[-500:]):
            expect(
                int(made[1]) > int(made[2]) == 1 and int(made[3]) >= int(made[1]),
                f"{made[1]} files became one, {made[3]} were deleted",
                made[0],
            )
        self.job.await_running().await_checkpoints(2)

    # --- the end ---

    def quiet(self):
        """The demo's load stops; what it wrote last must be in both lakes."""
        self.sql(
            "insert into public.transactions (transaction_id, amount, currency, city, country, merchant_name) "
            "values ('the last', 1, 'EUR', 'Oslo', 'Norway', 'M')"
        )
        for table in TABLES:  # whatever is changed from here on fails: the load has ended
            self.sql(f"create trigger stop before insert or update or delete on {table} for each row execute function tributary_stop()")
        until("both lakes have the last row", lambda: self.has_last("cluster") and self.has_last("demo"), 90, pause=2)
        self.job.await_checkpoints(5, 90)

    def rows(self, path):
        from deltalake import DeltaTable

        return DeltaTable(f"s3://lake/{path}", storage_options=self.minio.options()).to_pyarrow_table()

    def has_last(self, lake):
        rows = self.rows(f"{lake}/current/public.transactions")
        return "the last" in rows.column("transaction_id").to_pylist()

    def tables(self):
        bucket = self.minio.client()
        for item in self.minio.objects("cluster/"):
            file = self.copy / item["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            bucket.download_file("lake", item["Key"], str(file))
        for lake in ("cluster", "demo"):
            for table, columns in COLUMNS.items():
                quoted = ", ".join(f'"{c}"' for c in columns)
                source = sorted(map(texts, self.sql(f"select {quoted} from {table}")))
                rows = self.rows(f"{lake}/current/{table}")
                current = sorted(map(texts, zip(*(rows.column(c).to_pylist() for c in columns))))
                expect(
                    source == current and source,
                    f"{lake}: current {table} is the source, {len(current)} rows",
                    str([pair for pair in zip(source, current) if pair[0] != pair[1]][:2]),
                )
                history = self.history(lake, table)
                places = set(zip(*(history.column(c).to_pylist() for c in ("_topic", "_partition", "_offset"))))
                expect(len(places) == history.num_rows > 0, f"{lake}: history {table} has each of {history.num_rows} changes once")

    def history(self, lake, table):
        """Those of the cluster in the formats of its pipeline, which have no log where the files are."""
        import duckdb

        folder = f"{self.copy}/cluster/raw-kafka-data/{table}"
        if lake == "demo" or table == "public.transactions":
            return self.rows(f"{lake}/raw-kafka-data/{table}")
        reader = "read_parquet" if table == "sales.orders" else "read_json"
        rows = duckdb.sql(f"select * from {reader}('{folder}/dt=*/*', union_by_name = true, hive_partitioning = true)").to_arrow_table()
        demo = self.rows(f"demo/raw-kafka-data/{table}")
        places = [set(zip(*(side.column(c).to_pylist() for c in ("_topic", "_partition", "_offset", "_op")))) for side in (rows, demo)]
        expect(places[0] == places[1], f"{table} by {reader} is the demo's Delta table, {len(places[0])} changes")
        return rows

    def aggregates(self):
        import duckdb

        found = duckdb.sql(
            f"select * from read_csv('{self.copy}/cluster/countries/countries.csv', all_varchar = true) order by all"
        ).fetchall()
        truth = self.sql(
            'select country, count(*)::text, sum(amount)::text from public.transactions group by 1 order by country collate "C"'
        )
        expect(found == truth, f"the aggregate countries, a CSV file, is what SQL says, {len(found)} groups", str((found[:3], truth[:3])))
        wanted = {
            "by-country": (
                "country, count, sum_amount, min_amount, max_amount, distinct_city",
                "select country, count(*), sum(amount), min(amount), max(amount), count(distinct city) from public.transactions group by 1",
            ),
            "large": ("count", "select count(*) from public.transactions where amount >= 100"),
            "pairs": (
                "status, count",
                "select s.status, count(*) from public.transactions p join sales.transactions s using (currency) group by 1",
            ),
        }
        for name, (columns, statement) in wanted.items():
            rows = self.rows(f"cluster/{name}")
            found = sorted(map(repr, zip(*(rows.column(c.strip()).to_pylist() for c in columns.split(",")))))
            truth = sorted(map(repr, self.sql(statement)))
            expect(found == truth, f"aggregate {name} is what SQL says, {len(found)} groups", str((found[:2], truth[:2])))

    def readers(self):
        """DuckDB on a copy, polars and deltalake in place: each sees the same."""
        import duckdb
        import duckdb_extensions
        import polars

        duckdb_extensions.import_extension("delta")
        for path in ("raw-kafka-data/public.transactions", "current/public.transactions", "by-country", "per-minute"):
            rows = self.rows(f"cluster/{path}")
            columns = ", ".join(f'"{c}"' for c in sorted(rows.column_names))
            lazy = polars.scan_delta(f"s3://lake/cluster/{path}", storage_options=self.minio.options()).collect().to_arrow()  # noqa: F841 - DuckDB finds it by its name
            sums = []
            for source in ("rows", "lazy", f"delta_scan('{self.copy}/cluster/{path}')"):
                casts = ", ".join(f'"{c}"::varchar' for c in sorted(rows.column_names))
                sums.append(duckdb.sql(f"select count(*), sum(hash({casts})::hugeint) from {source}").fetchone())
            expect(
                sums[0] == sums[1] == sums[2],
                f"{path}: deltalake, polars and delta_scan see the same {sums[0][0]} rows",
                str((sums, columns)),
            )


# Those whose texts are the same on both sides.
COLUMNS = {
    "public.transactions": (
        "transaction_id",
        "user_id",
        "amount",
        "currency",
        "city",
        "country",
        "merchant_name",
        "payment_method",
        "ip_address",
        "voucher_code",
        "affiliateId",
    ),
    "sales.transactions": ("transaction_id", "user_id", "amount", "currency", "status"),
    "sales.orders": ("region", "order_no", "note", "ordered_on"),
}


def texts(row):
    return ["" if value is None else str(value) for value in row]


def body(options, minio, demo):
    cluster = Cluster(minio.flink_settings())
    cluster.start()
    checks = Checks(demo, cluster, minio, options.away)
    checks.sql(
        "create function tributary_stop() returns trigger language plpgsql as $$ begin raise exception 'the check is at its end'; end $$"
    )
    in_order(
        ("a cluster with lake, checkpoints and savepoints in the store", checks.failures),
        ("the store away", checks.away),
        ("compaction", checks.compaction),
        ("the end of the load", checks.quiet),
        ("histories and current rows", checks.tables),
        ("aggregates", checks.aggregates),
        ("readers", checks.readers),
    )


def main(arguments):
    parser = argparse.ArgumentParser(prog="lake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--away", type=int, default=120, help="seconds without the store (default: %(default)s)")
    parser.add_argument("--store", choices=STORES, default="minio", help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    minio = STORES[options.store]()

    def make():
        doctor(minio)
        return Demo(300, "--lake", "s3://lake/demo")

    return with_demo(900 + options.away, make, partial(body, options, minio))
