package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an envelope's {@code source} says, or what the transform left of it in a row: ranges of the value's bytes and
 * numbers. Reused from event to event.
 */
final class SourceBlock {
    /** Of the fields that dialects ask for, by their index among all: the range of the value, and -1 where there is none. */
    final int[] starts;

    final int[] lengths;
    /** What is particular to its kind of database; null until it was chosen. */
    @Nullable
    SourceDialect dialect;

    /** Where the dialect's own fields are among all. */
    int[] indexes = {};

    boolean present;
    int schemaStart;
    int schemaLength;
    int tableStart;
    int tableLength;
    int transactionStart;
    int transactionLength;
    /** The names as text, once {@link EnvelopeReader#readNames} has read them. */
    String schema = "";

    String table = "";
    long millis;
    /** Whether a snapshot read the row, rather than the log. */
    boolean snapshot;
    /** Whether it was a snapshot that runs beside the stream. */
    boolean incremental;
    /** Whether it is the first of the snapshot of its table, or the last. */
    boolean first;

    boolean last;
    /** Whether the table is a collection of documents. */
    boolean documents;
    /** Whether rows are of Cassandra's cells, of which null says that they did not change. */
    boolean cells;
    /** The operation and the deletion that stand in a row without an envelope; 0 and false when they do not. */
    int operation;

    boolean deleted;
    /** Whether a row without an envelope says that it was taken out of one. */
    boolean marked;

    long sequenceCommit;
    long sequenceEvent;

    /** What the connector calls the source; empty where it does not. */
    String server = "";

    /** Connector, server and database, as {@code postgresql/cdc/shop}; empty where they are not told, or not asked for. */
    String origin = "";

    /** @param fields how many are asked for */
    SourceBlock(int fields) {
        starts = new int[fields];
        lengths = new int[fields];
    }

    /** Where the content of one of the dialect's fields begins; -1 where it is not, or is null. */
    int start(int field) {
        return starts[indexes[field]];
    }

    int length(int field) {
        return lengths[indexes[field]];
    }

    /** The content of one of the dialect's fields; empty where it is not, or is null. */
    String text(byte[] value, int field) {
        int start = start(field);
        return start < 0 ? "" : new String(value, start, length(field), StandardCharsets.UTF_8);
    }

    void clear() {
        Arrays.fill(starts, -1);
        dialect = null;
        present = false;
        schemaStart = 0;
        schemaLength = 0;
        tableStart = 0;
        tableLength = 0;
        transactionLength = -1;
        millis = 0;
        snapshot = false;
        incremental = false;
        first = false;
        last = false;
        documents = false;
        cells = false;
        operation = 0;
        deleted = false;
        marked = false;
        sequenceCommit = -1;
        sequenceEvent = -1;
        server = "";
        origin = "";
    }
}
