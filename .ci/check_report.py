"""The demo's report: every table agrees, the account balances, and Kafka has as many records as the job read."""
import json
import sys

report = json.load(open(sys.argv[1]))
assert report["ok"] is True and report["problems"] == [], report["problems"]
assert [t["name"] for t in report["tables"]] == ["public.transactions", "sales.transactions", "sales.orders"]
for table in report["tables"]:
    assert table["source_rows"] > 0 and table["source_rows"] == table["lake_rows"] == table["current_rows"] == table["mirror_rows"], table
    assert table["differing"] == 0 and table["current_differing"] == 0 and table["mirror_differing"] == 0 and table["repeated"] == 0, table
    assert table["source_checksum"] == table["lake_checksum"], table
    assert table["read"] == table["applied"] + table["duplicates"] + table["rejected"] + table["ignored"], table
    assert table["read"] == table["kafka_records"], table
    assert table["history_rows"] == table["applied"], table
assert report["total"]["read"] == report["total"]["kafka_records"] > 0
assert report["start_seconds"] <= 60, report["start_seconds"]
print("report is as it must be: %d records read, up in %.1f s" % (report["total"]["read"], report["start_seconds"]))
