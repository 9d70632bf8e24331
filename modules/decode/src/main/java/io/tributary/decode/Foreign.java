package io.tributary.decode;

import java.util.List;
import java.util.Set;

/**
 * What other tools write, and what Debezium writes beside its change events: none of it is a row, though it looks like one without an envelope.
 * Each is known by fields that its documentation names; where tables are called like them too, by these alone.
 */
enum Foreign {
    CANAL("Canal's events", "database", "table", "type", "isDdl", "data"),
    MAXWELL("Maxwell's events", "database", "table", "type", "ts", "data"),
    DMS("events of AWS DMS", true, "data", "metadata"),
    DMS_CONTROL("control records of AWS DMS", true, "control", "metadata"),
    GOLDEN_GATE("events of Oracle GoldenGate", "table", "op_type", "op_ts", "pos"),
    CLOUD_EVENTS("CloudEvents; use Connect's JsonConverter", "specversion", "id", "source", "type"),
    WAL2JSON("wal2json's events", "action", "schema", "table", "columns"),
    WAL2JSON_DELETE("wal2json's events", "action", "schema", "table", "identity"),
    WAL2JSON_CHANGES("wal2json's events", true, "change"),
    QLIK("events of Qlik Replicate", "magic", "message", "messageSchema"),
    CHANGE_STREAM("MongoDB's change streams as they are", "_id", "operationType", "ns"),
    DYNAMO_DB("DynamoDB's streams as they are", "eventName", "dynamodb"),
    COCKROACH_RESOLVED("CockroachDB's resolved timestamps", true, "resolved"),
    AIRBYTE("Airbyte's records", "_airbyte_data"),
    SCHEMA_CHANGE("Debezium's schema changes", "databaseName", "ddl"),
    SCHEMA_HISTORY("Debezium's schema history", "source", "position", "ddl"),
    NOTIFICATION("Debezium's notifications", "aggregate_type", "type", "additional_data");

    private final String what;
    private final boolean alone;

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.copyOf
    private final Set<String> fields;

    Foreign(String what, String... fields) {
        this(what, false, fields);
    }

    Foreign(String what, boolean alone, String... fields) {
        this.what = what;
        this.alone = alone;
        this.fields = Set.copyOf(List.of(fields));
    }

    /** What a row's columns say that it is; empty if nothing. */
    static String of(Set<String> columns) {
        for (Foreign each : values()) {
            if (each.isOf(columns)) {
                return each.what;
            }
        }
        return "";
    }

    /** Whether a row of these columns is one. */
    boolean isOf(Set<String> columns) {
        return alone ? columns.equals(fields) : columns.containsAll(fields);
    }
}
