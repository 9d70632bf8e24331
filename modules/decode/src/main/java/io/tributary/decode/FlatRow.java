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
    private static final String SOURCE = "__source_";

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

    /** The field of the source that a field of the row has: {@code __source_pos} and {@code __pos} are its {@code pos}. */
    static String sourceField(String field) {
        return field.startsWith(SOURCE) ? field.substring(SOURCE.length()) : field.substring(2);
    }

    static boolean isMetadata(String field) {
        return field.startsWith("__")
                && (METADATA.contains(field) || field.startsWith(SOURCE) || field.startsWith("__transaction_"));
    }
}
