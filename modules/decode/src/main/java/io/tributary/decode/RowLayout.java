package io.tributary.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A table's schema with what decode needs to read its rows in one pass. */
final class RowLayout {
    /** Matches no event. */
    static final RowLayout NONE = new RowLayout(
            TopicId.NONE,
            new TableName("", ""),
            "",
            false,
            List.of(),
            List.of(),
            Set.of(),
            TableSettings.NONE,
            Map.of());

    final TableSchema schema;
    /** What the account calls the table. */
    final String label;

    final TableSettings settings;

    /** The source's columns, in its order. */
    final LayoutColumn[] columns;
    /** By the index in {@link #columns}: the index in the schema, or -1 of a column that is dropped. */
    final int[] places;
    /** The key's columns, in the key's order. */
    final LayoutColumn[] key;

    /** A hidden column that is none of the table's; null if there is none. */
    final @Nullable String missingHidden;

    /** Whether any of its columns stands in the key alone. */
    final boolean hasBeside;

    /** The table with its hidden columns, as a topic's memory has them; empty where there are none. */
    final String hiddenWord;

    private final TopicId topic;
    private final String origin;
    private final boolean ordered;
    private final List<LayoutColumn> source;
    private final List<String> keyNames;
    private final Set<String> texts;
    private final Map<String, JsonNode> defaults;
    private final byte[] schemaName;
    private final byte[] tableName;
    private final Map<String, Integer> indexes = new HashMap<>();

    /**
     * A table's first.
     *
     * @param origin of which connector, server and database it is
     * @param ordered whether the columns are in the table's order
     * @param keyNames the columns of its key, in the key's order
     * @param texts columns that are held as text
     * @param defaults by column, as its schema has them
     */
    RowLayout(
            TopicId topic,
            TableName table,
            String origin,
            boolean ordered,
            List<LayoutColumn> source,
            List<String> keyNames,
            Set<String> texts,
            TableSettings settings,
            Map<String, JsonNode> defaults) {
        this.topic = topic;
        this.origin = origin;
        this.ordered = ordered;
        this.source = source;
        this.keyNames = keyNames;
        this.texts = texts;
        this.settings = settings;
        this.defaults = defaults;
        this.label = table.toString();
        this.schemaName = table.schema().getBytes(StandardCharsets.UTF_8);
        this.tableName = table.table().getBytes(StandardCharsets.UTF_8);
        this.columns = new LayoutColumn[source.size()];
        this.places = new int[source.size()];
        List<Column> kept = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            LayoutColumn column = source.get(i);
            Privacy privacy = settings.privacy().get(column.name());
            columns[i] = privacy == null || privacy == Privacy.DROP
                    ? texts.contains(column.name()) ? column.asText() : column
                    : column.hidden(privacy);
            places[i] = privacy == Privacy.DROP ? -1 : kept.size();
            if (privacy != Privacy.DROP) {
                kept.add(new Column(column.name(), columns[i].type()));
            }
            indexes.put(column.name(), i);
        }
        this.hasBeside = source.stream().anyMatch(LayoutColumn::isBeside);
        this.missingHidden = settings.privacy().keySet().stream()
                .filter(name -> !indexes.containsKey(name))
                .min(Comparator.naturalOrder())
                .orElse(null);
        this.hiddenWord = settings.privacy().isEmpty()
                ? ""
                : URLEncoder.encode(
                        label + " " + new TreeSet<>(settings.privacy().keySet()), StandardCharsets.UTF_8);
        this.key = keyNames.stream().map(name -> columns[indexOf(name)].inKey()).toArray(LayoutColumn[]::new);
        this.schema = new TableSchema(
                topic.name(),
                table,
                new TableSchema.Told(
                        hasBeside ? "" : origin, // a router's column in the key tells them apart
                        ordered && !hasBeside,
                        keyNames.stream().anyMatch(texts::contains),
                        topic.id()),
                kept,
                keyNames.stream().map(name -> places[indexOf(name)]).toList(),
                defaultValues());
    }

    RowLayout withColumns(List<LayoutColumn> more) {
        List<LayoutColumn> all = new ArrayList<>(source);
        all.addAll(more);
        return new RowLayout(
                topic, schema.table(), origin, ordered, List.copyOf(all), keyNames, texts, settings, defaults);
    }

    RowLayout withKey(List<String> names) {
        return names.equals(keyNames)
                ? this
                : new RowLayout(
                        topic, schema.table(), origin, ordered, source, List.copyOf(names), texts, settings, defaults);
    }

    /** The same with a column held as text. */
    RowLayout withText(int column) {
        Set<String> more = new HashSet<>(texts);
        more.add(columns[column].name());
        return new RowLayout(
                topic, schema.table(), origin, ordered, source, keyNames, Set.copyOf(more), settings, defaults);
    }

    List<String> keyNames() {
        return keyNames;
    }

    boolean hasKey(List<String> names) {
        return keyNames.equals(names);
    }

    /** Of which connector, server and database its table is. */
    String origin() {
        return origin;
    }

    boolean isKey(int column) {
        return keyNames.contains(columns[column].name());
    }

    private Map<Integer, Slice> defaultValues() {
        Map<Integer, Slice> values = new HashMap<>();
        for (int i = 0; i < columns.length; i++) {
            JsonNode json = defaults.get(columns[i].name());
            if (json != null && places[i] >= 0) {
                Slice value = defaultValue(columns[i], json);
                if (value != null) {
                    values.put(places[i], value);
                }
            }
        }
        return values;
    }

    private static @Nullable Slice defaultValue(LayoutColumn column, JsonNode json) {
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        JsonScanner scanner = new JsonScanner();
        scanner.open(bytes, 0, bytes.length);
        RowWriter row = new RowWriter();
        row.begin(1);
        try {
            new ValueReader().read(scanner, column, 0, null, row);
        } catch (DecodeException e) {
            return null; // nothing depends on it but rows from before the column
        }
        row.end();
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {column.type()}, row.buffer(), row.start());
        if (!reader.next() || isMadeUp(column.type(), reader)) {
            return null;
        }
        Slice value = new Slice();
        value.set(Arrays.copyOfRange(reader.bytes(), reader.valueStart(), reader.valueStart() + reader.valueLength()));
        return value;
    }

    /** For a default that is a function, now() say, Debezium gives the beginning of its time. */
    private static boolean isMadeUp(ColumnType type, RowReader reader) {
        return switch (type.kind()) {
            case DATE -> reader.intValue() == 0;
            case TIME, TIMESTAMP, TIMESTAMPTZ -> reader.longValue() == 0;
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, ANY -> false;
        };
    }

    /** The index in {@link #columns} of the column, or -1. */
    int indexOf(String name) {
        return indexes.getOrDefault(name, -1);
    }

    /** Whether the event's source names this table; the ranges are of the event's bytes. */
    boolean isOf(byte[] bytes, SourceBlock source) {
        return this != NONE
                && origin.equals(source.origin)
                && Arrays.equals(
                        bytes,
                        source.schemaStart,
                        source.schemaStart + source.schemaLength,
                        schemaName,
                        0,
                        schemaName.length)
                && Arrays.equals(
                        bytes,
                        source.tableStart,
                        source.tableStart + source.tableLength,
                        tableName,
                        0,
                        tableName.length);
    }
}
