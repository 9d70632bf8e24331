"""Breaks a demo in several ways, and mends it by what ./tributary check says and nothing else."""

import json
import re
import shlex
import time

from ..kit.account import expect, until
from ..kit.paths import HOME, RUN
from ..kit.processes import free_port

CONNECTOR = "tributary-postgres"


class Doctor:
    def __init__(self, demo):
        self.demo = demo
        self.swept = {}  # rows by table that were deleted while nobody was told
        self.sql = demo.sql

    def findings(self, *options):
        """The exit code, and what is not well."""
        code, output = self.demo.command("check", "--json", *options)
        return code, [one for one in json.loads(output) if one["level"] != "ok"]

    def wrong(self, component):
        code, found = self.findings("--component", component)
        wrong = [one for one in found if one["level"] == "wrong"]
        return wrong if code == 1 else []

    def take(self, remedy):
        """Does what a remedy says: a command of ours, or a statement."""
        if remedy.startswith("./tributary "):
            return self.demo.command(*shlex.split(remedy)[1:])
        self.sql(remedy)
        return 0, ""

    def well(self):
        def known():  # a heartbeat comes every 10 s
            code, output = self.demo.command("check")
            return output if code == 0 else ""

        output = until("all is well", known, 60)
        expect(
            all(re.search(rf"^ok +{name} ", output, re.MULTILINE) for name in ("postgres", "kafka", "debezium", "flink", "metrics"))
            and output.endswith("nothing is wrong\n"),
            "a healthy demo: exit 0, a line each",
            output,
        )
        expect(
            "topic cdc.public.transactions: " in output and "envelopes with schema; key transaction_id" in output,
            "the topics' newest records are looked at",
            output,
        )

    def paused(self):
        self.demo.connector("pause")
        self.remedied("debezium", "PAUSED", "a paused connector")

    def remedied(self, component, word, what):
        found = until(f"{what} is noticed", lambda: self.wrong(component), 30)
        named = [one for one in found if word in one["what"]]
        if expect(named, f"{what} is named", json.dumps(found)):
            code, output = self.take(named[0]["remedy"])
            expect(code == 0, f"the remedy: {named[0]['remedy']}", output)
        code, left = self.findings("--component", component)
        expect(code == 0, f"after that, {component} is well", json.dumps(left))

    def deleted(self):
        code, output = self.demo.command("connectors", "delete", CONNECTOR)
        expect(code == 0, "connectors delete", output)
        until("the slot is read by nobody", lambda: any("read by nobody" in one["what"] for one in self.wrong("postgres")), 30)
        self.remedied("debezium", "there is no connector", "a connector that is gone")

    def publication(self):
        """What changes meanwhile is never sent: the table is whole after the snapshot that check asks for."""
        self.sql("alter publication tributary drop table sales.orders")
        some = "order_no in (select order_no from sales.orders order by 1 limit {})"
        unsent = "with gone as (delete from sales.orders where {} returning 1) select count(*) from gone"
        self.swept["sales.orders"] = self.sql(unsent.format(some.format(5)))[0][0]
        self.sql("update sales.orders set note = 'unsent' where " + some.format(9))
        after = self.wrong("postgres")[0]["after"]
        self.remedied("postgres", "lacks sales.orders", "a table that is not published")
        code, output = self.take(after[after.index("./tributary") :])
        expect(code == 0 and "a snapshot of sales.orders is asked for" in output, f"what is to be done then: {after}", output)
        until("the table is whole", lambda: self.demo.command("audit", "--table", "sales.orders")[0] == 0, 60, 1)
        expect(True, "what was not sent is there: inserts, updates and deletes")

    def slot(self):
        """Gone while its connector is stopped, as after a failover; it would be made anew behind what changed meanwhile."""
        self.demo.connect("PUT", f"/connectors/{CONNECTOR}/stop")
        until("the slot is free", lambda: not self.slot_is_read("tributary"), 30)
        self.sql("select pg_drop_replication_slot('tributary')")
        expect(any("the slot tributary" in one["what"] for one in self.wrong("postgres")), "a slot that is gone is named")
        gone = "with gone as (delete from sales.orders where order_no in (select order_no from sales.orders limit 3) returning 1)"
        self.swept["sales.orders"] += self.sql(gone + " select count(*) from gone")[0][0]
        self.sql("update sales.orders set note = 'never sent' where order_no in (select order_no from sales.orders limit 9)")
        self.demo.connector("resume")
        said = "what changed since was never sent"
        found = until("the connector refuses", lambda: [one for one in self.wrong("debezium") if said in one["what"]], 60)
        code, output = self.take(found[0]["remedy"])
        expect(code == 0 and "a snapshot of all its tables" in output, f"the remedy: {found[0]['remedy']}", output)
        until("all tables are whole", lambda: self.demo.command("audit")[0] == 0, 120, 1)
        expect(True, "what was not sent is there, in all tables")

    def fixes(self):
        self.sql("alter table public.transactions replica identity nothing", "alter publication tributary drop table sales.transactions")
        expect(len(self.wrong("postgres")) == 2, "two things are wrong")
        code, output = self.demo.command("check", "--component", "postgres", "--fix")
        expect(code == 1 and output.count("fixed by: ") == 2, "--fix mends both, and says what was missed meanwhile", output)
        expect("connectors snapshot sales.transactions" in output and "nothing is wrong" not in output, "it names what is left", output)
        expect(not self.wrong("postgres"), "they stay mended")
        self.demo.connector("pause")
        until("check sees that it is paused", lambda: self.wrong("debezium"), 30)
        code, output = self.demo.command("check", "--component", "debezium", "--fix")
        expect(code == 0 and "fixed by: " in output, "--fix resumes the connector, with Connect's password", output)

    def refused(self):
        """What would make the application's own updates fail is not published."""
        self.sql("create table public.keyless (a int)")
        file = self.connector("third", {"table.include.list": r"public\.keyless", "slot.name": "third", "publication.name": "third"})
        code, output = self.demo.command("connectors", "apply", "--connector", file)
        said = "table public.keyless has no replica identity" in output and "replica identity full" in output
        expect(code == 2 and said and "third is not applied" in output, "a table without key and identity is not published", output)
        expect(not self.sql("select 1 from pg_publication where pubname = 'third'"), "nothing was made")
        self.sql("drop table public.keyless")

    def failed(self):
        file = self.connector("second", {"slot.name": "second", "publication.name": "none", "publication.autocreate.mode": "disabled"})
        code, output = self.demo.command("connectors", "apply", "--connector", file)
        expect(code == 1 and "second failed: " in output and "ublication" in output, "a connector that fails says why", output)
        found = [one for one in self.wrong("debezium") if "second has failed" in one["what"]]
        expect(
            found and "publication" in found[0]["remedy"] and "connectors restart second" in found[0]["remedy"],
            "check has its reason and a remedy",
            json.dumps(found),
        )
        self.sql("create publication none for table public.transactions")
        code, output = self.demo.command("connectors", "restart", "second")
        expect(code == 0, "with a publication it runs", output)
        code, output = self.demo.command("connectors", "delete", "second")
        expect(code == 0, "and is deleted", output)
        until("its slot is free", lambda: not self.slot_is_read("second"), 30)
        self.sql("select pg_drop_replication_slot('second')", "drop publication none")

    def slot_is_read(self, name):
        return self.sql(f"select active from pg_replication_slots where slot_name = '{name}'")[0][0]

    @staticmethod
    def connector(name, changes):
        connector = json.loads((HOME / "debezium" / "postgres.json").read_text())
        connector["name"] = name
        connector["config"].update(changes)
        file = RUN / f"{name}.json"
        file.write_text(json.dumps(connector))
        return file

    def added_table(self):
        self.sql(
            "create table public.extra (id int primary key, what text)",
            "insert into public.extra select n, 'row ' || n from generate_series(1, 25) n",
        )
        include = r"public\.transactions,sales\.transactions,sales\.orders,public\.extra"
        file = self.connector(CONNECTOR, {"table.include.list": include})
        code, output = self.demo.command("connectors", "apply", "--connector", file)
        expect(code == 0 and "a snapshot of public.extra is asked for" in output, "a table is added to a running connector", output)

        def rows():
            code, lines = self.demo.command(
                "run",
                "--config",
                HOME / "pipelines/console.yaml",
                "--bounded",
                "--set",
                r"source.topics=cdc\.public\.extra",
                "--set",
                f"source.bootstrap={self.demo.kafka}",
            )
            return code == 0 and len(set(re.findall(r"^r public\.extra id=(\d+)", lines, re.MULTILINE))) == 25

        until("its rows are there", rows, 60, 1)
        expect(True, "the signal brings its 25 rows")

    def suggestion(self):
        code, output = self.demo.command("check", "--suggest")
        suggested = RUN / "suggested.yaml"
        suggested.write_text(output)
        expect(code == 0 and "  public.transactions:\n" in output, "--suggest writes a pipeline file", output)
        code, output = self.demo.command("validate", "--config", suggested)
        expect(code == 0, "it is valid", output)

    def nobody(self):
        nowhere = free_port()
        url = f"http://127.0.0.1:{nowhere}"
        began = time.monotonic()
        code, found = self.findings(
            "--connect", url, "--flink", url, "--metrics", url, "--bootstrap", f"127.0.0.1:{nowhere}", "--pg-port", nowhere
        )
        expect(
            code == 1 and len(found) == 5 and all(f":{nowhere}" in one["what"] and one["remedy"] for one in found),
            f"five parts that do not answer are named ({time.monotonic() - began:.0f} s)",
            json.dumps(found),
        )

    def sections(self, audits):
        return (
            ("all is well", self.well),
            ("a paused connector", self.paused),
            ("a deleted connector", self.deleted),
            ("a publication that lacks a table", self.publication),
            ("a slot that was dropped", self.slot),
            ("--fix", self.fixes),
            ("a connector that is refused", self.refused),
            ("a connector that fails", self.failed),
            ("a table that is added", self.added_table),
            ("wrong rows", audits.planted),
            ("wrong rows, healed", audits.healed),
            ("a suggested pipeline", self.suggestion),
            ("nobody there", self.nobody),
        )
