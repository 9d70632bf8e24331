"""./tributary demo by itself, as whoever runs this: its audit, the readers of its lake, a row altered by hand, the CSV example."""

from ..kit.account import expect, in_order
from ..kit.demo import Demo
from ..kit.lakes import Lake
from ..kit.paths import HOME, RUN
from ..kit.processes import processes
from ..kit.run import run
from . import report
from .csv_files import expect_files


class Demos:
    def __init__(self):
        self.demo = None
        self.file = RUN / "report.json"

    def minute(self):
        self.demo = Demo(500, "--for", "60s", "--report", self.file)
        self.demo.await_up()
        expect(self.demo.seconds_to_start() <= 60, f"up in {self.demo.seconds_to_start():.0f} s")
        expect(self.demo.await_end(300) == 0, "source, lake and mirror agree", self.demo.output()[-3000:])
        report.expect_agreement(report.read(self.file))

    def readers(self):
        report.Readers(self.demo.lake()).all(report.read(self.file))

    def altered(self):
        """The newest row of a key, by hand: the next run on the same data says no, and names the key."""
        table = Lake(self.demo.lake()).table("raw-kafka-data/public.transactions")
        rows = table.to_pyarrow_table(columns=["transaction_id", "_offset", "_op"]).to_pylist()
        newest = {row["transaction_id"]: row for row in sorted(rows, key=lambda row: row["_offset"])}
        victim = next(row for row in newest.values() if row["_op"] != "d")
        done = table.update(predicate=f"_offset = {victim['_offset']}", updates={"city": "'Atlantis'"})
        expect(done["num_updated_rows"] == 1, "a row of the history is altered", done)
        self.demo.start(1, "--for", "2s", "--mix", "insert=100,update=0,delete=0")
        code = self.demo.await_end(120)
        key = f"transaction_id={victim['transaction_id']}"
        expect(code == 1 and key in self.demo.output(), f"exit 1, and {key} is named", self.demo.output()[-3000:])

    def csv(self):
        csv = Demo(0, "--csv", HOME / "csv_files", "--for", "20s", data=RUN / "csv")
        try:
            csv.await_up()
            expect(csv.await_end(180) == 0, "demo --csv ends by itself", csv.output()[-3000:])
            expect_files(csv.lake())
        finally:
            processes.stop_all()
            csv.end_database()


def main(arguments):
    demos = Demos()

    def body():
        try:
            in_order(
                ("a minute", demos.minute),
                ("the readers of its lake", demos.readers),
                ("a row altered by hand", demos.altered),
                ("CSV files", demos.csv),
            )
        finally:
            processes.stop_all()
            if demos.demo:
                demos.demo.end_database()

    return run(900, body)
