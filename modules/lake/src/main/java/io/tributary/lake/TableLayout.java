package io.tributary.lake;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import io.tributary.flow.DeadLetters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How rows lie in the files of a lake table.
 *
 * @param columns the lake's columns of the rows' columns
 * @param metadata the columns that Tributary adds; none for the dead letters, which are metadata themselves
 * @param isPartitioned whether the table has a partition for each day
 */
record TableLayout(List<LakeColumn> columns, List<LakeColumn> metadata, boolean isPartitioned) {
    static final LakeColumn OP = added("_op", ColumnType.TEXT);
    static final LakeColumn TS_MS = added("_ts_ms", ColumnType.INT64);
    static final LakeColumn TOPIC = added("_topic", ColumnType.TEXT);
    static final LakeColumn PARTITION = added("_partition", ColumnType.INT32);
    static final LakeColumn OFFSET = added("_offset", ColumnType.INT64);
    static final LakeColumn TX = added("_tx", ColumnType.TEXT);
    static final LakeColumn DELETED = added("_deleted", ColumnType.BOOLEAN);
    /** The partition column: in the path, not in the files. */
    static final LakeColumn DT = added("dt", ColumnType.DATE);

    private static final List<LakeColumn> METADATA = List.of(OP, TS_MS, TOPIC, PARTITION, OFFSET, TX, DELETED);

    private static LakeColumn added(String name, ColumnType type) {
        return new LakeColumn(name, "", type);
    }

    /**
     * Lays schemas of one table out over the columns its history has. A column is as wide as the table has it, and wider
     * where a schema's type does not fit. One whose name differs from another's in case only gets a name of its own: {@code
     * name__type}.
     *
     * @param existing the table's columns, empty for a table that is to be made
     */
    static TableLayout of(List<TableSchema> schemas, List<LakeColumn> existing) {
        Set<String> taken = new HashSet<>();
        METADATA.forEach(column -> taken.add(column.name()));
        taken.add(DT.name());
        Map<String, LakeColumn> bySource = new LinkedHashMap<>();
        Existing there = new Existing(existing, taken);
        for (TableSchema schema : schemas) {
            for (LakeColumn column : there.columns(schema)) {
                bySource.put(column.source(), column);
            }
        }
        boolean isDeadLetters = schemas.get(0).table().equals(DeadLetters.TABLE);
        return new TableLayout(List.copyOf(bySource.values()), isDeadLetters ? List.of() : METADATA, true);
    }

    /** Lays a schema out over the columns of a table of rows as they are: without what tells where a change came from. */
    static TableLayout ofRows(TableSchema schema, List<LakeColumn> existing) {
        return ofRows(List.of(), schema, existing);
    }

    /** The same, with columns wide enough for rows of other schemas too. */
    static TableLayout ofRows(List<TableSchema> others, TableSchema schema, List<LakeColumn> existing) {
        Existing there = new Existing(existing, new HashSet<>());
        others.forEach(there::columns);
        return new TableLayout(there.columns(schema), List.of(), false);
    }

    /** The same columns, each as wide as these schemas need it, whatever the table has. */
    TableLayout withTypes(List<TableSchema> schemas) {
        Map<String, ColumnType> types = new HashMap<>();
        for (TableSchema each : schemas) {
            each.columns().forEach(column -> types.merge(column.name(), column.type(), ColumnType::join));
        }
        List<LakeColumn> narrow = new ArrayList<>();
        for (LakeColumn column : columns) {
            ColumnType type = types.get(column.source());
            narrow.add(type == null ? column : new LakeColumn(column.name(), column.source(), type));
        }
        return with(narrow);
    }

    /** The same with other columns of rows. */
    TableLayout with(List<LakeColumn> others) {
        return new TableLayout(List.copyOf(others), metadata, isPartitioned);
    }

    /** Where each of the source's columns is among the columns. */
    Map<String, Integer> places() {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.putIfAbsent(columns.get(i).source(), i);
        }
        return places;
    }

    /** Whether files of this layout can have rows of the schema whole. */
    boolean holds(TableSchema schema) {
        Map<String, Integer> places = places();
        return schema.columns().stream().allMatch(column -> {
            Integer at = places.get(column.name());
            return at != null && columns.get(at).widened(column.type()).equals(columns.get(at));
        });
    }

    /** The columns that a table has by now, with those that schemas brought. */
    private static final class Existing {
        /** By the source's column, the newest last: lakes of before decision 7 have a column for each type. */
        private final Map<String, List<LakeColumn>> bySource = new HashMap<>();

        private final Set<String> taken;

        Existing(List<LakeColumn> columns, Set<String> taken) {
            this.taken = taken;
            columns.forEach(this::add);
        }

        private void add(LakeColumn column) {
            List<LakeColumn> same = bySource.computeIfAbsent(column.source(), s -> new ArrayList<>(1));
            same.removeIf(other -> other.name().equals(column.name()));
            same.add(column);
            taken.add(fold(column.name()));
        }

        /** The columns for a schema's rows, which count as there from here on. */
        List<LakeColumn> columns(TableSchema schema) {
            List<LakeColumn> columns = new ArrayList<>();
            for (Column column : schema.columns()) {
                LakeColumn lake = find(column).orElseGet(() -> named(column));
                taken.add(fold(lake.name()));
                columns.add(lake);
            }
            columns.forEach(this::add);
            return List.copyOf(columns);
        }

        /** Of columns of one source that of the same type, else the newest. */
        private Optional<LakeColumn> find(Column column) {
            LakeColumn found = null;
            for (LakeColumn candidate : bySource.getOrDefault(column.name(), List.of())) {
                if (found == null || !found.type().equals(column.type())) {
                    found = candidate;
                }
            }
            return Optional.ofNullable(found).map(lake -> lake.widened(column.type()));
        }

        private LakeColumn named(Column column) {
            String name = column.name();
            if (taken.contains(fold(name))) {
                name += "__"
                        + column.type().toString().replaceAll("[(),]+", "_").replaceAll("_$", "");
                for (int i = 2; taken.contains(fold(name)); i++) {
                    name = column.name() + "__" + i;
                }
            }
            return new LakeColumn(name, column.name(), column.type());
        }
    }

    private static String fold(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The columns of the table's files. */
    List<LakeColumn> inFiles() {
        List<LakeColumn> all = new ArrayList<>(columns);
        all.addAll(metadata);
        return all;
    }

    /** All columns of the table, that of the partition last. */
    List<LakeColumn> all() {
        List<LakeColumn> all = inFiles();
        if (isPartitioned) {
            all.add(DT);
        }
        return all;
    }
}
