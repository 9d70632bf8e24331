"""The CSV example beside a demo: files into PostgreSQL, their tables into a lake with aggregates that are what DuckDB says of the files."""

import json

from ..kit.account import expect, until
from ..kit.paths import HOME, RUN

FILES = HOME / "csv_files"
TABLES = ("klienci", "pracownicy", "projekty", "kategorie")
AGGREGATES = (
    ("klienci-by-country", "kraj, count", "select kraj, count(*) from klienci group by 1"),
    (
        "avg-age-by-position",
        "stanowisko, count, round(avg_wiek, 4), round(avg_pensja, 4)",
        "select stanowisko, count(*), round(avg(wiek), 4), round(avg(pensja), 4) from pracownicy group by 1",
    ),
    (
        "revenue-per-customer",
        "nazwa, count, sum_budzet",
        "select k.nazwa, count(*), sum(budzet) from projekty p join klienci k on p.klient_id = k.id group by 1",
    ),
)


def expect_files(lake):
    """The tables of the lake, and their aggregates, are what DuckDB says of the files themselves."""
    import duckdb
    import duckdb_extensions

    duckdb_extensions.import_extension("delta")
    for name in TABLES:
        path = FILES / ("later" if name == "kategorie" else "") / f"{name}.csv"
        duckdb.sql(f"create or replace view {name} as from read_csv('{path}', nullstr = '')")
        columns = ", ".join(f'"{c}"::varchar' for c in duckdb.sql(f"from {name}").columns if c not in ("pensja", "budzet"))
        scan = f"delta_scan('{lake}/current/public.{name}')"
        rows = [duckdb.sql(f"select {columns} from {source} order by all").fetchall() for source in (name, scan)]
        expect(rows[0] == rows[1] and rows[0], f"{name}: {len(rows[0])} rows as in the file", rows)
    for aggregate, columns, statement in AGGREGATES:
        found = duckdb.sql(f"select {columns} from delta_scan('{lake}/{aggregate}') order by all").fetchall()
        truth = duckdb.sql(statement + " order by all").fetchall()
        both = [[tuple(float(v) if not isinstance(v, str) else v for v in row) for row in rows] for rows in (found, truth)]
        expect(both[0] == both[1] and found, f"{aggregate}: {len(found)} groups as SQL over the files says", both)


class CsvFiles:
    def __init__(self, demo):
        self.demo = demo

    def all(self):
        for folder in (FILES, FILES / "later"):
            code, output = self.demo.command("import-csv", folder)
            expect(code == 0 and "rows; made id" in output, f"import-csv {folder.relative_to(HOME)}", output)
        connector = json.loads((HOME / "debezium" / "examples" / "csv.json").read_text())
        connector["config"].update({"topic.prefix": "csv"})  # beside the demo's own
        file = RUN / "csv.json"
        file.write_text(json.dumps(connector))
        code, output = self.demo.command("connectors", "apply", "--connector", file)
        expect(code == 0, "its connector runs", output)
        until("all rows are in Kafka", self.arrived, 60)
        lake = RUN / "csv-lake"
        settings = {"source.bootstrap": self.demo.kafka, "source.topics": r"csv\..*", "sinks.lake.path": lake}
        options = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        code, output = self.demo.command("run", "--config", HOME / "pipelines" / "csv.yaml", "--bounded", *options)
        expect(code == 0, "run --bounded reads them and ends", output[-2000:])
        expect_files(lake)
        code, output = self.demo.command("connectors", "delete", connector["name"])
        expect(code == 0, "and its connector is deleted", output)
        slot = "from pg_replication_slots where slot_name = 'tributary_csv'"
        until("its slot is free", lambda: self.demo.sql(f"select not active {slot}")[0][0], 30)
        self.demo.sql(f"select pg_drop_replication_slot(slot_name) {slot}", "drop publication tributary_csv")

    def arrived(self):
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(bootstrap_servers=self.demo.kafka)
        try:
            partitions = [TopicPartition(f"csv.public.{name}", 0) for name in TABLES]
            rows = dict(self.demo.sql(" union all ".join(f"select '{name}', count(*) from public.{name}" for name in TABLES)))
            ends = consumer.end_offsets(partitions)
            return all(ends.get(each, 0) >= rows[name] for each, name in zip(partitions, TABLES, strict=True))
        finally:
            consumer.close()
