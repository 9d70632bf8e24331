package io.tributary.lake;

import com.fasterxml.jackson.databind.JsonNode;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.data.Row;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.GenericRow;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StructType;
import io.tributary.lake.TableLog.Added;
import io.tributary.lake.TableLog.LiveFile;
import io.tributary.lake.TableLog.Replaced;
import java.io.IOException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The entries of files in a Delta log. A file of a table whose parts are replaced has the part it is of as a tag. */
final class DeltaFiles {
    private static final String PART = "tributary.part";
    private static final String ANNOUNCED = "tributary.announced";

    private DeltaFiles() {}

    /** A file's entry. */
    record Entry(Row add) implements TableLog.Entry {}

    static LiveFile live(String table, Row add) throws IOException {
        AddFile file = new AddFile(add);
        if (file.getDeletionVector().isPresent()) {
            throw new IOException("cannot rewrite %s of %s: it has a deletion vector".formatted(file.getPath(), table));
        }
        String part = file.getTags()
                .map(tags -> VectorUtils.<String, String>toJavaMap(tags).get(PART))
                .orElse(null);
        return new LiveFile(
                LakePath.within(table, file.getPath()),
                part == null ? null : Part.parse(part),
                day(file),
                file.getSize(),
                file.getStatsJson().orElse(null),
                new Entry(add));
    }

    private static int day(AddFile file) {
        String day =
                VectorUtils.<String, String>toJavaMap(file.getPartitionValues()).get(TableLayout.DT.name());
        return day == null ? DataFile.NO_DAY : (int) LocalDate.parse(day).toEpochDay();
    }

    /** That a file is given up. */
    static Row remove(LiveFile file, boolean dataChange) {
        return SingleAction.createRemoveFileSingleAction(
                added(file).toRemoveFileRow(dataChange, Optional.of(System.currentTimeMillis())));
    }

    private static AddFile added(LiveFile file) {
        return new AddFile(((Entry) file.entry()).add());
    }

    /** The file's own entry for its copy. */
    static Row copy(Replaced file) {
        AddFile old = added(file.file());
        String encoded = old.getPath();
        String name = file.copy().substring(file.copy().lastIndexOf('/') + 1);
        return add(
                encoded.substring(0, encoded.lastIndexOf('/') + 1) + name,
                old.getPartitionValues(),
                file.size(),
                false,
                old.getTags(),
                file.stats());
    }

    /** A file's first entry. */
    static Row add(Added added, boolean dataChange) {
        DataFile file = added.file();
        Map<String, String> partition = file.isPartitioned()
                ? Map.of(
                        TableLayout.DT.name(),
                        LocalDate.ofEpochDay(file.epochDay()).toString())
                : Map.of();
        return add(
                file.path(), // of letters that no URI encodes
                VectorUtils.stringStringMapValue(partition),
                file.size(),
                dataChange,
                tags(added),
                file.stats());
    }

    private static Optional<MapValue> tags(Added added) {
        Map<String, String> tags = new TreeMap<>();
        if (added.part() != null) {
            tags.put(PART, added.part().toString());
        }
        if (added.isAnnounced()) {
            DataFile file = added.file();
            tags.put(
                    ANNOUNCED, file.pendingVersion() + ":" + Base64.getEncoder().encodeToString(file.pending()));
        }
        return tags.isEmpty() ? Optional.empty() : Optional.of(VectorUtils.stringStringMapValue(tags));
    }

    /** What a log's line says of a file that it announces; null where it announces none. */
    static @Nullable DataFile announced(JsonNode add) {
        String pending = add.path("tags").path(ANNOUNCED).asText();
        if (pending.isEmpty()) {
            return null;
        }
        int colon = pending.indexOf(':');
        return new DataFile(
                add.path("path").asText(),
                DataFile.NO_DAY,
                add.path("size").asLong(),
                add.path("stats").asText(),
                Integer.parseInt(pending.substring(0, colon)),
                Base64.getDecoder().decode(pending.substring(colon + 1)));
    }

    private static Row add(
            String path, MapValue partition, long size, boolean dataChange, Optional<MapValue> tags, String stats) {
        StructType schema = AddFile.SCHEMA_WITH_STATS;
        Map<Integer, Object> values = new HashMap<>();
        values.put(schema.indexOf("path"), path);
        values.put(schema.indexOf("partitionValues"), partition);
        values.put(schema.indexOf("size"), size);
        values.put(schema.indexOf("modificationTime"), System.currentTimeMillis());
        values.put(schema.indexOf("dataChange"), dataChange);
        values.put(schema.indexOf("stats"), stats);
        tags.ifPresent(map -> values.put(schema.indexOf("tags"), map));
        return SingleAction.createAddFileSingleAction(new GenericRow(schema, values));
    }
}
