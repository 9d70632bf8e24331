package io.tributary.decode;

import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Chooses the layout of a record's rows: by its table, its schema, the columns that it brings, and its key. */
final class LayoutChooser {
    /** How the columns begin that routers add, and no table has. */
    private static final String ROUTER = "__dbz__";

    /** Bytes of a table's or a column's name; PostgreSQL ends at 63, others at 128 or 256 characters. */
    private static final int LONGEST_NAME = 1000;

    /** The table of the dead letters. */
    private static final String OURS = "rejected";

    private final DecodeSettings settings;
    private final Demand demand;
    private final Encodings encodings;
    private final RowWriter rows;

    LayoutChooser(DecodeSettings settings, Demand demand, Encodings encodings, RowWriter rows) {
        this.settings = settings;
        this.demand = demand;
        this.encodings = encodings;
        this.rows = rows;
    }

    /** The layout of the record's table; its key is open where {@link Envelope#hasKey}. */
    RowLayout choose(Envelope e, EnvelopeReader reader) {
        boolean named = e.source.tableLength > 0 && !(e.flat && e.topic.isTable(e.value, e.source));
        RowLayout layout = named ? e.schema.layout : ofTopic(e);
        if (named && !layout.isOf(e.value, e.source)) {
            reader.readNames(e);
            String schema = e.flat && e.source.schema.isEmpty() ? e.topic.table.schema() : e.source.schema;
            layout = ofTable(new TableName(schema, e.source.table), e.schema, e);
            e.afterRead = false;
        }
        e.topic.label = layout.label;
        if (e.flat && !e.source.marked && e.hasSchema()) {
            refuseForeign(e.schema.foreign());
        }
        if (!e.hasSchema()) {
            layout = e.afterRead ? layout : withColumnsOf(e.afterAt, layout, e, reader.rows());
            layout = e.operation == 'd' ? withColumnsOf(e.beforeAt, layout, e, reader.rows()) : layout;
        }
        layout = withKey(layout, e);
        if (layout != e.schema.layout) {
            e.schema.use(layout);
        }
        return layout;
    }

    private RowLayout ofTopic(Envelope e) {
        RowLayout last = e.schema.layout;
        if (last.schema.table().equals(e.topic.table) && last != RowLayout.NONE) {
            return last;
        }
        e.afterRead = false;
        return ofTable(e.topic.table, e.schema, e);
    }

    /** The newest layout of a table under a schema, or its first. */
    RowLayout ofTable(TableName table, SchemaBlock schema, Envelope e) {
        RowLayout layout = schema.layout(table, e.source.origin);
        return layout != null ? layout : first(table, schema, e);
    }

    /** A new layout, of a table that may be new as well. */
    RowLayout first(TableName table, SchemaBlock schema, Envelope e) {
        if (e.source.schemaLength + e.source.tableLength > LONGEST_NAME) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE, "cannot take a table's name of more than " + LONGEST_NAME + " bytes");
        }
        refuseForged(table);
        demand.table(table);
        TableSettings ofTable = settings.of(table.toString());
        return schema.first(e.topic.topicId, table, e.source.origin, ofTable, e.topic.textsOf(table));
    }

    /** Without a schema block a row may bring columns that no earlier one had. */
    private RowLayout withColumnsOf(int rowAt, RowLayout layout, Envelope e, RowFields fields) {
        if (rowAt < 0) {
            return layout;
        }
        List<String> names = fields.unknown(layout, rowAt, e.flat);
        if (names.isEmpty()) {
            return layout;
        }
        if (e.flat && !e.source.marked) {
            refuseForeign(Foreign.of(fields.names(rowAt)));
        }
        e.afterRead = false;
        return layout.withColumns(names.stream()
                .map(name -> plainColumn(layout, name, names.size()))
                .toList());
    }

    private LayoutColumn plainColumn(RowLayout layout, String name, int more) {
        if (name.length() > LONGEST_NAME) {
            throw new DecodeException(Reason.SCHEMA, "cannot take a column's name of " + name.length() + " characters");
        }
        if (layout.columns.length + more > settings.limits().columns()) {
            throw new DecodeException(
                    Reason.LIMIT,
                    "cannot take a table of more columns: 'limits.columns' is "
                            + settings.limits().columns());
        }
        String type = layout.settings.types().get(name);
        return type == null ? LayoutColumn.untyped(name) : TypeHint.column(name, type);
    }

    private static void refuseForeign(String what) {
        if (!what.isEmpty()) {
            throw new DecodeException(Reason.FOREIGN, "cannot use what is no change event: these are " + what);
        }
    }

    /** What a table's folder, settings and metrics are called by, {@code schema.table}, is no other's, nor one of ours. */
    private static void refuseForged(TableName table) {
        boolean isOurs = table.toString().equals(OURS);
        boolean isAmbiguous = table.schema().indexOf('.') >= 0
                || table.schema().isEmpty() && table.table().indexOf('.') >= 0;
        if (isOurs || isAmbiguous) {
            throw new DecodeException(
                    Reason.FORGED,
                    "cannot take the table " + DecodeException.shown(table.table()) + " of the schema "
                            + DecodeException.shown(table.schema())
                            + (isOurs ? ": it is called as the dead letters" : ": another may have the name " + table));
        }
    }

    /** From here on the column is text; but a key's column for this key alone, which else would not find its row. */
    RowLayout asText(RowLayout layout, int column, Envelope e) {
        RowLayout text = layout.withText(column);
        e.afterRead = false;
        rows.reset();
        if (!layout.isKey(column)) {
            e.topic.textsOf(layout.schema.table()).add(layout.columns[column].name());
            e.schema.use(text);
        }
        return text;
    }

    private RowLayout withKey(RowLayout layout, Envelope e) {
        e.hasKey = false;
        if (e.operation == 't') {
            return layout;
        }
        KeyReader key = encodings.openKey(e.record, e.topic);
        if (key == null) {
            return withKeyColumns(layout, layout.settings.key(), e);
        }
        e.hasKey = true;
        if (layout.key.length > 0 && key.matches(layout)) {
            return layout;
        }
        List<String> names = key.names();
        if (names.isEmpty()) {
            throw new DecodeException(Reason.KEY, "cannot use a key without columns");
        }
        List<String> beside =
                names.stream().filter(name -> layout.indexOf(name) < 0).toList();
        List<String> earlier = layout.key.length > 0 ? layout.keyNames() : layout.settings.key();
        if (e.hasSchema() && !beside.isEmpty() && !earlier.isEmpty()) {
            // after a fast change of the table, an event may carry the key that comes later
            e.hasKey = false;
            return withKeyColumns(layout, earlier, e);
        }
        names.forEach(name -> refuseDropped(layout, name));
        RowLayout whole = beside.isEmpty() ? layout : withBeside(layout, key, beside, e);
        if (!e.flat && names.stream().allMatch(name -> name.startsWith(ROUTER))) {
            e.hasKey = false; // a router's word for a table without key
            return whole;
        }
        return whole.withKey(names);
    }

    /** With columns that stand in the key alone: the key of a row without its key's columns, or a router's word for the shard. */
    private RowLayout withBeside(RowLayout layout, KeyReader key, List<String> names, Envelope e) {
        Map<String, LayoutColumn> typed = new HashMap<>();
        if (e.hasSchema()) {
            key.schema().columns().forEach(column -> typed.put(column.name(), column));
        }
        e.afterRead = false;
        return layout.withColumns(names.stream()
                .map(name -> typed.getOrDefault(name, plainColumn(layout, name, names.size()))
                        .besideTheRow())
                .toList());
    }

    private static void refuseDropped(RowLayout layout, String name) {
        if (layout.settings.privacy().get(name) == Privacy.DROP) {
            throw new DecodeException(
                    Reason.KEY, "cannot drop the column " + DecodeException.shown(name) + ": it is of the key");
        }
    }

    /** With these columns as the key; a row under a schema must have them. */
    private RowLayout withKeyColumns(RowLayout layout, List<String> names, Envelope e) {
        if (e.hasSchema()) {
            for (String name : names) {
                refuseDropped(layout, name);
                if (layout.indexOf(name) < 0) {
                    throw new DecodeException(
                            Reason.KEY, "cannot find the key's column " + DecodeException.shown(name) + " in the row");
                }
            }
        }
        return keyed(layout, names, e);
    }

    /** With these columns as the key, which it may not have had before. */
    RowLayout keyed(RowLayout layout, List<String> names, Envelope e) {
        List<LayoutColumn> missing = new ArrayList<>();
        for (String name : names) {
            refuseDropped(layout, name);
            if (layout.indexOf(name) < 0) {
                missing.add(plainColumn(layout, name, names.size()));
            }
        }
        if (missing.isEmpty()) {
            return layout.withKey(names);
        }
        e.afterRead = false;
        return layout.withColumns(missing).withKey(names);
    }
}
