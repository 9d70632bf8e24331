package io.tributary.decode;

import java.util.Set;

/**
 * The fields that ExtractNewRecordState puts beside a row's own columns.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/transformations/event-flattening.html">event
 *     flattening</a>
 */
final class FlatRow {
    static final String DELETED = "__deleted";
    static final String OP = "__op";

    private static final Set<String> METADATA = Set.of(
            DELETED,
            OP,
            "__table",
            "__schema",
            "__db",
            "__collection",
            "__lsn",
            "__xmin",
            "__txId",
            "__sequence",
            "__snapshot",
            "__connector",
            "__name",
            "__version",
            "__ts_ms",
            "__ts_us",
            "__ts_ns",
            "__file",
            "__pos",
            "__row",
            "__gtid");

    private FlatRow() {}

    static boolean isMetadata(String field) {
        return field.startsWith("__")
                && (METADATA.contains(field) || field.startsWith("__source_") || field.startsWith("__transaction_"));
    }
}
