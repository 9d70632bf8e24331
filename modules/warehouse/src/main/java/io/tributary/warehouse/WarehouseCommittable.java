package io.tributary.warehouse;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.Marks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * What one checkpoint adds to the warehouse: first a writer's part, then, gathered, all of it.
 *
 * @param passed what brings no rows: changes that writers let pass, and, gathered, what mirrors must have
 */
record WarehouseCommittable(long checkpointId, List<StagedRows> tables, List<Passed> passed) {
    WarehouseCommittable(long checkpointId, List<StagedRows> tables, @Nullable List<Passed> passed) {
        this.checkpointId = checkpointId;
        this.tables = tables;
        this.passed = passed == null ? List.of() : passed; // of an earlier version
    }

    /**
     * Changes of a table that are not staged.
     *
     * @param lost why the mirror does not get them; null where it is to get none, or there are none
     */
    record Passed(
            TableName source,
            List<StagedRows.Place> places,
            @Nullable String lost) {}

    private static final String NOT_FILLED =
            "the checkpoint that was to fill it was aborted: './tributary repair' gives it the job's rows";

    /** All parts of a checkpoint, with where they begin; null where there is nothing to commit. */
    static @Nullable WarehouseCommittable gathered(
            long checkpointId, List<WarehouseCommittable> stale, List<WarehouseCommittable> parts, Marks marks) {
        Map<TableName, OfTable> tables = new LinkedHashMap<>();
        stale.forEach(part -> add(tables, part, true));
        parts.forEach(part -> add(tables, part, false));
        List<StagedRows> all = new ArrayList<>();
        List<Passed> told = new ArrayList<>();
        tables.forEach((source, table) -> {
            Map<SourcePartition, OffsetRange> offsets = StagedRows.offsets(table.staged);
            table.passed.forEach(passed -> StagedRows.Place.addTo(offsets, passed.places));
            List<StagedRows.Place> places = StagedRows.places(marks.pass(key(source), offsets));
            String lost = table.passed.stream()
                    .map(Passed::lost)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            boolean isFilled = table.staged.stream().anyMatch(staged -> staged.whole() != null);
            if (lost == null && (isFilled || table.letGo.isEmpty())) {
                table.staged.forEach(staged -> all.add(
                        staged.whole() == null
                                ? staged.within(places)
                                : staged.lacking(table.letGo).within(places)));
            } else if (lost == null) {
                told.add(new Passed(source, places, NOT_FILLED));
            } else {
                // what other writers staged of the table would move its fence over what this one gave up
                told.add(new Passed(source, places, lost));
            }
        });
        marks.prove().forEach((key, ranges) -> told.add(new Passed(source(key), StagedRows.places(ranges), null)));
        return all.isEmpty() && told.isEmpty() ? null : new WarehouseCommittable(checkpointId, all, told);
    }

    /** Rows of a whole table that changes have come after, as its checkpoint was aborted, are not those of the table any more. */
    private static void add(Map<TableName, OfTable> tables, WarehouseCommittable part, boolean isStale) {
        for (StagedRows staged : part.tables) {
            OfTable table = tables.computeIfAbsent(staged.source(), t -> new OfTable());
            if (isStale && staged.whole() != null) {
                table.passed.add(new Passed(staged.source(), staged.places(), null));
                table.letGo.addAll(staged.letsGo());
            } else {
                table.staged.add(staged);
            }
        }
        part.passed.forEach(passed ->
                tables.computeIfAbsent(passed.source, t -> new OfTable()).passed.add(passed));
    }

    private static final class OfTable {
        final List<StagedRows> staged = new ArrayList<>();
        final List<Passed> passed = new ArrayList<>();
        /** Of rows that were to fill the mirror with a checkpoint that was aborted: the changes that were not staged for them. */
        final List<StagedRows.Place> letGo = new ArrayList<>();
    }

    private static String key(TableName source) {
        return source.schema() + "\0" + source.table();
    }

    private static TableName source(String key) {
        int end = key.indexOf(0);
        return new TableName(key.substring(0, end), key.substring(end + 1));
    }

    /** As JSON: it holds no rows. */
    static final class Serializer implements SimpleVersionedSerializer<WarehouseCommittable> {
        private static final int VERSION = 2;
        private static final ObjectMapper JSON = new ObjectMapper();

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(WarehouseCommittable committable) throws IOException {
            return JSON.writeValueAsBytes(committable);
        }

        @Override
        public WarehouseCommittable deserialize(int version, byte[] serialized) throws IOException {
            if (version < 1 || version > VERSION) {
                throw new IOException("cannot read a warehouse committable of version " + version
                        + ": this build reads 1 to " + VERSION);
            }
            return JSON.readValue(serialized, WarehouseCommittable.class);
        }
    }
}
