"""Prints the rows of a query, of the standard input, by Snowflake's Python connector: pickled. Argument: the port."""

import pickle
import sys
from datetime import UTC, datetime

import snowflake.connector

connection = snowflake.connector.connect(
    user="fake",
    password="snow",
    account="fakesnow",
    host="127.0.0.1",
    port=int(sys.argv[1]),
    protocol="http",
    database="CDC_WAREHOUSE",
    schema="PUBLIC",
    session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
)
rows = connection.cursor().execute(sys.stdin.read()).fetchall()
# their zones are of a library that the reader has not
plain = [[v.astimezone(UTC) if isinstance(v, datetime) and v.tzinfo else v for v in row] for row in rows]
sys.stdout.buffer.write(pickle.dumps(plain))
