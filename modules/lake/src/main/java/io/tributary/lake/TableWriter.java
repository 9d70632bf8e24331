package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import io.tributary.flow.ChangeSerializer;
import io.tributary.flow.FencedOffsets;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.fs.RecoverableWriter;
import org.jspecify.annotations.Nullable;

/**
 * The open files of one table in one writer: one a day, for the rows of all schemas that the files' columns hold. A schema
 * that they do not hold cuts them, and files that hold all begin: for some rows at once, as more new columns may follow.
 */
final class TableWriter {
    private static final long DAY_MILLIS = 86_400_000;
    private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
    private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
    /** A snapshot of old data may touch many days: past this number the file longest unused is finished early. */
    private static final int MAX_OPEN_DAYS = 16;
    /** Rows that wait for a layout of theirs. */
    private static final int MAX_HELD = 1000;

    private static final long MAX_HELD_BYTES = 4 << 20;
    private static final TypeSerializer<Change> COPIES = new ChangeSerializer();

    private final String location;
    private final WrittenTable table;
    private final RecoverableWriter files;
    private final FencedOffsets places;
    private final Map<Integer, LakeFile> open = new LinkedHashMap<>(16, 0.75f, true);
    private final List<DataFile> finished = new ArrayList<>();
    /** What was cut within the checkpoint. */
    private final List<TableCommit> cut = new ArrayList<>();

    /** The schemas of the checkpoint's rows, by id. */
    private Map<Long, TableSchema> used = new LinkedHashMap<>();
    /** Those the layout is for: with those of the checkpoint before, as rows of both may come in turns. */
    private Map<Long, TableSchema> covered = new LinkedHashMap<>();

    private @Nullable TableLayout layout;
    /** Rows since the last cut that have no layout yet: where columns keep coming, one is made for many of them. */
    private final List<Change> held = new ArrayList<>();

    private long heldBytes;
    private boolean isHolding;
    private long lastSchema;
    private long lastDay = Long.MIN_VALUE;
    private LakeFile lastFile;

    @SuppressWarnings("NullAway.Init") // lastFile is only read where lastDay says it is there
    TableWriter(String lake, WrittenTable table, RecoverableWriter files, FencedOffsets places) {
        this.location = lake + "/" + table.path();
        this.table = table;
        this.files = files;
        this.places = places;
    }

    /** Writes the change, of the schema its row has, unless the table has it already; whether it did. */
    boolean write(Change change, TableSchema schema) throws IOException {
        if (!places.isLacking(change, schema)) {
            places.skip(change, schema);
            return false;
        }
        places.add(change, schema);
        if (!isHolding && (schema.id() == lastSchema || isLaidOut(schema))) {
            put(change, schema);
        } else {
            hold(change, schema);
        }
        return true;
    }

    private void put(Change change, TableSchema schema) throws IOException {
        if (schema.id() != lastSchema) {
            lastSchema = schema.id();
            lastDay = Long.MIN_VALUE;
        }
        long millis = change.sourceMillis > 0 ? change.sourceMillis : change.recordMillis;
        // no reader takes a day outside the years 1 to 9999; the time itself is in _ts_ms as it came
        long day = Math.min(LAST_DAY, Math.max(FIRST_DAY, Math.floorDiv(millis, DAY_MILLIS)));
        if (day != lastDay) {
            lastFile = file((int) day, layout());
            lastDay = day;
        }
        lastFile.write(change);
    }

    /** Whether rows of the schema can be put; where its columns need another layout than the open files have, those are cut. */
    private boolean isLaidOut(TableSchema schema) throws IOException {
        used.put(schema.id(), schema);
        if (covered.putIfAbsent(schema.id(), schema) != null) {
            return true;
        }
        TableLayout present = layout;
        if (present == null || present.holds(schema)) {
            return true;
        }
        cut(present, Map.of());
        layout = null;
        isHolding = true;
        return false;
    }

    private TableLayout layout() throws IOException {
        TableLayout present = layout;
        if (present == null) {
            present = table.layout(List.copyOf(covered.values()));
            layout = present;
        }
        return present;
    }

    private void hold(Change change, TableSchema schema) throws IOException {
        used.put(schema.id(), schema);
        covered.put(schema.id(), schema);
        held.add(COPIES.copy(change));
        heldBytes += Math.max(0, change.after.length()) + Math.max(0, change.before.length());
        if (held.size() == MAX_HELD || heldBytes > MAX_HELD_BYTES) {
            release();
        }
    }

    private void release() throws IOException {
        isHolding = false;
        for (Change change : held) {
            put(change, change.imageSchema());
        }
        held.clear();
        heldBytes = 0;
    }

    private LakeFile file(int day, TableLayout columns) throws IOException {
        LakeFile file = open.get(day);
        if (file == null) {
            if (open.size() == MAX_OPEN_DAYS) {
                Iterator<LakeFile> oldest = open.values().iterator();
                finished.add(oldest.next().finish());
                oldest.remove();
            }
            file = LakeFile.part(table.format(), files, location, day, columns);
            open.put(day, file);
        }
        return file;
    }

    /** Bytes of rows that are held in memory. */
    long buffered() throws IOException {
        long bytes = heldBytes;
        for (LakeFile file : open.values()) {
            bytes += file.buffered();
        }
        return bytes;
    }

    /** Finishes the open files, ahead of the checkpoint. */
    void finish() throws IOException {
        release();
        for (LakeFile file : open.values()) {
            finished.add(file.finish());
        }
        open.clear();
        lastDay = Long.MIN_VALUE;
    }

    boolean isEmpty() {
        return used.isEmpty();
    }

    /** Finishes all files: of each layout that the checkpoint's rows needed, those that have it. */
    List<TableCommit> prepareCommit() throws IOException {
        Map<SourcePartition, OffsetRange> ranges = places.take();
        Map<SourcePartition, OffsetRange> skipped = places.skipped();
        skipped.forEach(ranges::putIfAbsent);
        release();
        if (layout != null) {
            cut(layout, ranges);
        } else if (!skipped.isEmpty()) {
            cut.add(new TableCommit(table.path(), table.format(), null, List.of(), List.of(), skipped));
        }
        List<TableCommit> commits = List.copyOf(cut);
        cut.clear();
        covered = used;
        used = new LinkedHashMap<>();
        layout = null;
        lastSchema = 0;
        return commits;
    }

    private void cut(TableLayout columns, Map<SourcePartition, OffsetRange> ranges) throws IOException {
        finish();
        cut.add(new TableCommit(table.path(), table.format(), null, columns.all(), List.copyOf(finished), ranges));
        finished.clear();
    }

    void abandon() {
        for (LakeFile file : open.values()) {
            file.abandon();
        }
    }
}
