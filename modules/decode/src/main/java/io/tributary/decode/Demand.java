package io.tributary.decode;

import io.tributary.change.TableName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What records have asked for so far, held against the {@link Limits}. */
final class Demand {
    private final Limits limits;
    private final Map<TableName, OfTable> tables = new HashMap<>();
    private long last;
    private boolean hasCheckpoints;

    private static final class OfTable {
        final Set<Long> schemas = new HashSet<>();
        int since;
    }

    Demand(Limits limits) {
        this.limits = limits;
    }

    /** @throws DecodeException if the key or the value is too large */
    void record(int keyBytes, int recordBytes) {
        if (keyBytes > limits.keyBytes()) {
            throw beyond("a key of %,d bytes".formatted(keyBytes), "key-bytes", limits.keyBytes());
        }
        if (recordBytes > limits.recordBytes()) {
            throw beyond("a value of %,d bytes".formatted(recordBytes), "record-bytes", limits.recordBytes());
        }
    }

    /** @throws DecodeException if the table is one too many: before anything is made of it */
    void table(TableName table) {
        if (tables.size() == limits.tables() && !tables.containsKey(table)) {
            throw beyond("another table", "tables", limits.tables());
        }
    }

    /** @throws DecodeException if the row's schema is one too many */
    void row(RowLayout layout) {
        long id = layout.schema.id();
        if (id == last) {
            return;
        }
        OfTable known = tables.get(layout.schema.table());
        if (known == null || !known.schemas.contains(id)) {
            admit(layout, known);
        }
        last = id;
    }

    private void admit(RowLayout layout, @Nullable OfTable known) {
        if (layout.columns.length > limits.columns()) {
            throw beyond("a table of %,d columns".formatted(layout.columns.length), "columns", limits.columns());
        }
        OfTable table = known;
        if (table == null) {
            table(layout.schema.table());
            table = new OfTable();
            tables.put(layout.schema.table(), table);
        }
        if (table.schemas.size() == limits.schemas()) {
            throw beyond("another schema of " + layout.label, "schemas", limits.schemas());
        }
        if (table.since == limits.newSchemas()) {
            throw beyond(
                    "another schema of " + layout.label + " before the next checkpoint",
                    "new-schemas",
                    limits.newSchemas());
        }
        table.schemas.add(layout.schema.id());
        table.since += hasCheckpoints ? 1 : 0;
    }

    /** A checkpoint begins: what is new from here on counts anew. Who reads without checkpoints is not held to it. */
    void checkpoint() {
        hasCheckpoints = true;
        tables.values().forEach(table -> table.since = 0);
    }

    private static DecodeException beyond(String what, String setting, int limit) {
        return new DecodeException(Reason.LIMIT, "cannot take %s: 'limits.%s' is %,d".formatted(what, setting, limit));
    }
}
