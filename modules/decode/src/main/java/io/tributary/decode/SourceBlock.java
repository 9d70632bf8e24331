package io.tributary.decode;

import org.jspecify.annotations.Nullable;

/**
 * What an envelope's {@code source} says, or what the transform left of it in a row: ranges of the value's bytes and
 * numbers. Reused from event to event.
 */
final class SourceBlock {
    /** Where the event is in the source. */
    final SourcePlace place;

    /** What is particular to its kind of database; null until it was chosen. */
    @Nullable
    SourceDialect dialect;

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

    /** What the connector calls the source; empty where it does not. */
    String server = "";

    /** Connector, server and database, as {@code postgresql/cdc/shop}; empty where they are not told, or not asked for. */
    String origin = "";

    /** @param fields how many dialects ask for */
    SourceBlock(int fields) {
        place = new SourcePlace(fields);
    }

    void clear() {
        place.clear();
        dialect = null;
        present = false;
        schemaStart = 0;
        schemaLength = 0;
        tableStart = 0;
        tableLength = 0;
        transactionLength = -1;
        millis = 0;
        incremental = false;
        first = false;
        last = false;
        documents = false;
        cells = false;
        operation = 0;
        deleted = false;
        marked = false;
        server = "";
        origin = "";
    }
}
