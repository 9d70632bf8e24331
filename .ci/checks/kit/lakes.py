"""Two lakes of the same source side by side: how far each has come, and whether their histories are the same."""

from .account import expect, until
from .demo import TABLES


class Lake:
    """A lake in a folder, or in a store whose options are given."""

    def __init__(self, path, options=None):
        self.path, self.options = str(path), options or {}

    def table(self, path):
        from deltalake import DeltaTable

        return DeltaTable(f"{self.path}/{path}", storage_options=self.options)

    def rows(self, path):
        return self.table(path).to_pyarrow_table()

    def history(self, table):
        rows = self.rows(f"raw-kafka-data/{table}")
        return rows.sort_by([(column, "ascending") for column in ("_topic", "_partition", "_offset")])

    def fences(self):
        """How far each table has come: the next offset of its topic's one partition."""
        from deltalake.exceptions import TableNotFoundError

        reached = {}
        for table in TABLES:
            try:
                reached[table] = self.table(f"raw-kafka-data/{table}").transaction_version(f"tributary:cdc.{table}-0") or 0
            except (TableNotFoundError, OSError):
                reached[table] = 0
        return reached

    def await_level(self, reference, seconds=240, what="the lake has caught up"):
        """Waits until this lake has what the reference has now."""
        goal = reference.fences()

        def level():
            have = self.fences()
            return all(have[table] >= goal[table] for table in TABLES)

        until(f"{what} with {goal}", level, seconds, 0.5)
        return goal


def differences(lake, reference, table):
    """What is wrong with a table of the lake, as far as both have come; and how many rows were compared."""
    import pyarrow.compute as pc

    mine, theirs = lake.history(table), reference.history(table)
    if not mine.num_rows or not theirs.num_rows:
        return [f"no rows ({mine.num_rows} and {theirs.num_rows})"], 0
    end = min(pc.max(mine["_offset"]).as_py(), pc.max(theirs["_offset"]).as_py())
    mine = mine.filter(pc.less_equal(mine["_offset"], end))
    theirs = theirs.filter(pc.less_equal(theirs["_offset"], end))
    wrong = []
    places = list(zip(*(mine[c].to_pylist() for c in ("_topic", "_partition", "_offset")), strict=True))
    expected = list(zip(*(theirs[c].to_pylist() for c in ("_topic", "_partition", "_offset")), strict=True))
    if len(set(places)) != len(places):
        wrong.append(f"{len(places) - len(set(places))} rows twice")
    if set(expected) - set(places):
        wrong.append(f"{len(set(expected) - set(places))} rows missing, the first at {min(set(expected) - set(places))}")
    if set(places) - set(expected):
        wrong.append(f"{len(set(places) - set(expected))} rows too many, the first at {min(set(places) - set(expected))}")
    if not wrong:
        if set(mine.column_names) != set(theirs.column_names):
            wrong.append(f"other columns: {sorted(set(mine.column_names) ^ set(theirs.column_names))}")
        else:
            wrong += [f"column {c} differs" for c in mine.column_names if mine[c].combine_chunks() != theirs[c].combine_chunks()]
    return wrong, len(places)


def expect_exact(lake, reference, when):
    """Each row of the reference once, equal in every column."""
    wrong, rows = [], 0
    for table in TABLES:
        found, compared = differences(lake, reference, table)
        wrong += [f"{table}: {problem}" for problem in found]
        rows += compared
    expect(not wrong, f"{when}: {rows:,} rows, each once, as the demo's own job wrote them", "; ".join(wrong))
