"""Prints the rows of a query, of the standard input, by Snowflake's Python connector: a line of pickled rows. Arguments: port, folder of the databases."""

import pickle
import sys

import snowflake.connector

port, folder = sys.argv[1:]
connection = snowflake.connector.connect(
    user="fake", password="snow", account="fakesnow", host="127.0.0.1", port=int(port), protocol="http", database="CDC_WAREHOUSE",
    schema="PUBLIC", session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False, "FAKESNOW_DB_PATH": folder})
rows = connection.cursor().execute(sys.stdin.read()).fetchall()
sys.stdout.buffer.write(pickle.dumps(rows))
