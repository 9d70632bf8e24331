"""What speaks Snowflake's protocol, on DuckDB, at a port: up when GET / answers 404. With a folder, its databases outlive it.

A client that died within a transaction would hold what it locked for ever; Snowflake ends such transactions after some minutes, this after
some seconds.
"""

import sys
import threading
import time

import fakesnow.server
import uvicorn
from fakesnow.instance import FakeSnow

IDLE_SECONDS = 10
used, busy = {}, set()


async def app(scope, receive, send):
    token = next((value.decode()[17:-1] for name, value in scope.get("headers", []) if name == b"authorization"), None)
    busy.add(token)
    try:
        await fakesnow.server.app(scope, receive, send)
    finally:
        busy.discard(token)
        used[token] = time.monotonic()


def end_abandoned():
    while True:
        time.sleep(1)  # between two looks
        for token, connection in list(fakesnow.server.sessions.items()):
            if connection._in_transaction and token not in busy and time.monotonic() - used[token] > IDLE_SECONDS:
                del fakesnow.server.sessions[token]
                connection._duck_conn.rollback()
                print("ended a transaction of a client that says nothing", flush=True)


port, *folder = sys.argv[1:]
if folder:  # as a parameter of a connection it would be of that one alone
    fakesnow.server.shared_fs = FakeSnow(db_path=folder[0])
    fakesnow.server.shared_fs.connect("CDC_WAREHOUSE", "PUBLIC")  # before two do at once
threading.Thread(target=end_abandoned, daemon=True).start()
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="info")
