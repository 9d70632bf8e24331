"""Source against sinks while a job runs: they agree, planted rows are named, and both can be asked as of one cut."""

import json
import re
from collections import Counter

from ..kit.account import expect, until
from ..kit.demo import TABLES


class Audits:
    def __init__(self, demo):
        self.demo = demo
        self.written = 0  # the version of current/public.extra before it was altered

    def arrived(self, table):
        """How many rows both sinks have, or 0."""
        from deltalake import DeltaTable

        current = self.demo.lake() / "current" / table
        with self.demo.database("warehouse") as mirror:
            there = mirror.execute("select to_regclass(%s) is not null", [table]).fetchone()[0]
            if not there or not DeltaTable.is_deltatable(str(current)):
                return 0
            return min(mirror.execute(f"select count(*) from {table}").fetchone()[0], DeltaTable(current).count())

    def audit(self):
        until("all tables are in both sinks", lambda: all(self.arrived(table) for table in TABLES), 60, 1)
        code, output = self.demo.command("audit")
        expect(
            code == 0 and "source and sinks agree" in output and output.count("   agree") >= len(TABLES),
            "an audit of all tables while rows change",
            output,
        )

    def planted(self):
        """Wrong rows that are known, in each sink; and one that a rejected change would explain."""
        from deltalake import DeltaTable
        from kafka import KafkaProducer

        current = str(self.demo.lake() / "current" / "public.extra")
        until("its rows are in both sinks", lambda: self.arrived("public.extra") == 25, 60, 1)
        version = DeltaTable(current).version()
        producer = KafkaProducer(bootstrap_servers=self.demo.kafka)
        producer.send("cdc.public.extra", key=b'{"id": 10}', value=b"{ broken").get(30)
        rejected = str(self.demo.lake() / "rejected")
        until("its dead letter is in the lake", lambda: DeltaTable.is_deltatable(rejected) and DeltaTable(rejected).count() > 0, 60, 1)
        until("its bucket is written again", lambda: DeltaTable(current).version() > version, 60, 1)  # or that would undo the next
        with self.demo.database("warehouse") as mirror:
            mirror.execute("update public.extra set what = 'planted' where id in (7, 10)")
            mirror.execute("delete from public.extra where id = 8")
            mirror.commit()
        self.written = DeltaTable(current).version()
        done = DeltaTable(current).update(predicate="id = 9", updates={"what": "'planted'"})
        expect(done["num_updated_rows"] == 1, "a row of the lake is altered by hand", str(done))
        code, output = self.demo.command("audit", "--table", "public.extra", "--json")
        found = json.loads(output[output.index("{\n") :])
        sinks = found["tables"][0]["sinks"]

        def keys(sink, kind):
            return [(one["key"], one["what"]) for one in sinks[sink][kind + "_keys"]]

        planted = "is another row: what is 'planted' and not '"
        lake, mirrors = keys("lake", "differing"), keys("mirror", "differing")
        named = len(lake) == 1 and lake[0][0] == "id=9" and lake[0][1].startswith(planted)
        expect(code == 1 and not found["agrees"] and named, "it names the lake's wrong row, its column and both values", output)
        named = len(mirrors) == 2 and mirrors[0][1].startswith(planted) and mirrors[1] == ("id=8", "is not there")
        expect(named and mirrors[0][0] == "id=7", "it names the mirror's", output)
        code, output = self.demo.command("check", "--component", "warehouse")
        said = "the mirror of public.extra has 24 rows, and the job knows of 25"
        expect(code == 1 and said in output and "repair --table public.extra" in output, "check counts a row that the mirror lacks", output)
        stale = keys("mirror", "stale")
        expect(
            len(stale) == 1 and stale[0][0] == "id=10" and "rejected at cdc.public.extra-0@" in stale[0][1],
            "a stale row stands apart",
            output,
        )

    def healed(self):
        """The next change of a row brings it to the mirror as it is; the lake's table goes back to what the job wrote."""
        from deltalake import DeltaTable

        DeltaTable(self.demo.lake() / "current" / "public.extra").restore(self.written)
        self.demo.sql("update public.extra set what = what || '!'")
        until("both sinks have it", lambda: self.demo.command("audit", "--table", "public.extra")[0] == 0, 60, 1)
        expect(True, "the next changes bring planted and stale rows back")

    def one_cut(self):
        """What as-of tells, of a job that goes on: lake and mirror have the same changes below it."""
        from deltalake import DeltaTable

        code, output = self.demo.command("as-of", "--json")
        cuts = [one for one in json.loads(output[re.search(r"^\[", output, re.MULTILINE).start() :]) if one["table"] in TABLES]
        expect(
            code == 0 and len(cuts) == len(TABLES) and all(one["as_of"] == min(one["lake"], one["mirror"]) for one in cuts),
            "as-of tells how far both come",
            output,
        )
        for one in cuts:
            name, end = one["table"], one["as_of"]
            value = "note" if name == "sales.orders" else "amount"
            until(
                "the lake's history is further",
                lambda: (
                    DeltaTable(self.demo.lake() / "raw-kafka-data" / name).transaction_version(
                        f"tributary:{one['topic']}-{one['partition']}"
                    )
                    > end
                ),
                60,
                1,
            )
            history = (
                DeltaTable(self.demo.lake() / "raw-kafka-data" / name)
                .to_pyarrow_table(columns=["_partition", "_offset", "_op", value])
                .to_pylist()
            )
            lake = Counter((row["_partition"], row["_offset"], row["_op"], row[value]) for row in history if row["_offset"] < end)
            with self.demo.database("warehouse") as mirror:
                rows = mirror.execute(
                    f"select split_part(cdc_position, ':', 1)::int, split_part(cdc_position, ':', 2)::bigint, cdc_op, {value}"
                    f" from {name}_history where split_part(cdc_position, ':', 2)::bigint < {end}"
                ).fetchall()
            expect(
                lake and lake == Counter(rows),
                f"as of {end}, lake and mirror have the same {len(rows)} changes of {name}",
                f"{list((lake - Counter(rows)).items())[:2]} {list((Counter(rows) - lake).items())[:2]}",
            )
