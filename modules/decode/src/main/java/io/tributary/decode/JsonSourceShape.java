package io.tributary.decode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a topic's newest {@code source} but for its times and positions: they are the same from event to event, and
 * comparing them costs less than reading them.
 */
final class JsonSourceShape {
    /** What stands between two stretches of equal bytes. */
    enum Gap {
        MILLIS,
        TRANSACTION,
        /** What a dialect asks for. */
        FIELD,
        /** A number that nobody asks for. */
        NUMBER
    }

    private static final int MOST_GAPS = 16;

    final byte[][] stretches = new byte[MOST_GAPS + 1][];
    final Gap[] gaps = new Gap[MOST_GAPS];
    /** Of a gap that a dialect asks for: its index among all that are asked for. */
    final int[] fields = new int[MOST_GAPS];

    private int count;
    private boolean complete;
    private int from;

    /** The stretch that the schema's and the table's name are in, or -1, and where there. */
    int schemaStretch;

    int schemaOffset;
    int tableStretch;
    int tableOffset;
    /** What the equal bytes say. */
    int schemaLength;

    int tableLength;
    boolean snapshot;
    boolean incremental;
    boolean first;
    boolean last;
    boolean documents;
    boolean cells;

    @Nullable
    SourceDialect dialect;

    int[] indexes = {};
    String server = "";

    /** Of which connector, server and database; it stays where another value makes the shape anew. */
    String origin = "";

    /** The newest that was told, and its bytes. */
    private String told = "";

    private byte[] toldBytes = {};

    /** The origin of these bytes, if it is the newest that was told; else null. */
    @Nullable
    String told(byte[] bytes) {
        return Arrays.equals(bytes, toldBytes) ? told : null;
    }

    String tell(byte[] bytes, String of) {
        toldBytes = bytes;
        told = of;
        return of;
    }

    /** How many gaps there are; -1 when nothing is known. */
    int gaps() {
        return complete ? count : -1;
    }

    void begin(int start) {
        complete = false;
        count = 0;
        from = start;
        schemaStretch = -1;
        tableStretch = -1;
    }

    /** A value that differs from event to event. */
    void gap(Gap gap, byte[] bytes, int start, int end) {
        if (count < MOST_GAPS && from >= 0) {
            stretches[count] = Arrays.copyOfRange(bytes, from, start);
            gaps[count++] = gap;
            from = end;
        } else {
            from = -1;
        }
    }

    /** One that a dialect asks for. */
    void field(int field, byte[] bytes, int start, int end) {
        int at = count;
        gap(Gap.FIELD, bytes, start, end);
        if (count > at) {
            fields[at] = field;
        }
    }

    void schemaAt(int start) {
        schemaStretch = count;
        schemaOffset = start - from;
    }

    void tableAt(int start) {
        tableStretch = count;
        tableOffset = start - from;
    }

    void end(byte[] bytes, int end, SourceBlock source) {
        if (from >= 0) {
            stretches[count] = Arrays.copyOfRange(bytes, from, end);
            schemaLength = source.schemaLength;
            tableLength = source.tableLength;
            snapshot = source.place.snapshot;
            incremental = source.incremental;
            first = source.first;
            last = source.last;
            documents = source.documents;
            cells = source.cells;
            dialect = source.dialect;
            indexes = source.place.indexes;
            server = source.server;
            complete = true;
        }
    }
}
