"""The mirror through Snowflake's own driver, over a server that speaks Snowflake's protocol on DuckDB. Snowflake itself is not tried."""
