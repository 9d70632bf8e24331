"""Alters the newest row of a key in the lake by hand, and prints the key as the audit names it."""
import sys

from deltalake import DeltaTable

table = DeltaTable(sys.argv[1] + "/raw-kafka-data/public.transactions")
newest = {}
for row in sorted(table.to_pyarrow_table(columns=["transaction_id", "_offset", "_op"]).to_pylist(), key=lambda r: r["_offset"]):
    newest[row["transaction_id"]] = row
victim = next(row for row in newest.values() if row["_op"] != "d")
done = table.update(predicate=f"_offset = {victim['_offset']}", updates={"city": "'Atlantis'"})
assert done["num_updated_rows"] == 1, done
print("transaction_id=" + victim["transaction_id"])
