"""What speaks Snowflake's protocol, on DuckDB, at a port: up when GET / answers 404. With a folder, its databases outlive it."""

import sys

import fakesnow.server
import uvicorn
from fakesnow.instance import FakeSnow

port, *folder = sys.argv[1:]
if folder:  # as a parameter of a connection it would be of that one alone
    fakesnow.server.shared_fs = FakeSnow(db_path=folder[0])
    fakesnow.server.shared_fs.connect("CDC_WAREHOUSE", "PUBLIC")  # before two do at once
uvicorn.run(fakesnow.server.app, host="127.0.0.1", port=int(port), log_level="info")
