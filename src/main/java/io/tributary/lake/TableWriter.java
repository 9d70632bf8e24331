package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.TableSchema;
import io.tributary.lake.TableCommit.Range;
import io.tributary.lake.TableCommit.SourcePartition;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.fs.RecoverableWriter;

/** The open files of one schema of one table in one writer: one a day. */
final class TableWriter {
    private static final long DAY_MILLIS = 86_400_000;
    private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
    private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
    /** A snapshot of old data may touch many days: past this number the file longest unused is finished early. */
    private static final int MAX_OPEN_DAYS = 16;

    private final String location;
    private final WrittenTable table;
    private final TableSchema schema;
    private final RecoverableWriter files;
    private final Map<SourcePartition, Long> fences;
    private final Map<Integer, ParquetFile> open = new LinkedHashMap<>(16, 0.75f, true);
    private final List<DataFile> finished = new ArrayList<>();
    private final Map<Integer, Offsets> offsets = new TreeMap<>();
    private int lastPartition = -1;
    private Offsets last = new Offsets(0);
    private long lastDay = Long.MIN_VALUE;
    private ParquetFile lastFile;
    private TableLayout layout;

    private static final class Offsets {
        final long fence;
        long first = -1;
        long last;

        Offsets(long fence) {
            this.fence = fence;
        }
    }

    @SuppressWarnings("NullAway.Init") // lastFile is only read where lastDay says it is there
    TableWriter(
            String lake,
            WrittenTable table,
            TableSchema schema,
            RecoverableWriter files,
            Map<SourcePartition, Long> fences)
            throws IOException {
        this.location = lake + "/" + table.path();
        this.table = table;
        this.schema = schema;
        this.files = files;
        this.fences = fences;
        this.layout = table.layout(schema);
    }

    /** Writes the change, unless the table has it already; whether it did. */
    boolean write(Change change) throws IOException {
        Offsets place = offsets(change.partition);
        if (change.offset < place.fence) {
            return false;
        }
        long millis = change.sourceMillis > 0 ? change.sourceMillis : change.recordMillis;
        // no reader takes a day outside the years 1 to 9999; the time itself is in _ts_ms as it came
        long day = Math.min(LAST_DAY, Math.max(FIRST_DAY, Math.floorDiv(millis, DAY_MILLIS)));
        if (day != lastDay) {
            lastFile = file((int) day);
            lastDay = day;
        }
        lastFile.write(change);
        if (place.first < 0) {
            place.first = change.offset;
        }
        place.first = Math.min(place.first, change.offset);
        place.last = Math.max(place.last, change.offset);
        return true;
    }

    private Offsets offsets(int partition) {
        if (partition != lastPartition) {
            lastPartition = partition;
            last = offsets.computeIfAbsent(
                    partition, p -> new Offsets(fences.getOrDefault(new SourcePartition(schema.topic(), p), 0L)));
        }
        return last;
    }

    private ParquetFile file(int day) throws IOException {
        ParquetFile file = open.get(day);
        if (file == null) {
            if (isEmpty()) {
                layout = table.layout(schema); // all files of a checkpoint have one
            }
            if (open.size() == MAX_OPEN_DAYS) {
                Iterator<ParquetFile> oldest = open.values().iterator();
                finished.add(oldest.next().finish());
                oldest.remove();
            }
            file = new ParquetFile(files, location, day, layout);
            open.put(day, file);
        }
        return file;
    }

    List<LakeColumn> columns() {
        return layout.columns();
    }

    boolean isEmpty() {
        return open.isEmpty() && finished.isEmpty();
    }

    /** Finishes all files. */
    TableCommit prepareCommit() throws IOException {
        for (ParquetFile file : open.values()) {
            finished.add(file.finish());
        }
        open.clear();
        lastDay = Long.MIN_VALUE;
        Map<SourcePartition, Range> ranges = new TreeMap<>();
        offsets.forEach((partition, place) -> {
            if (place.first >= 0) {
                ranges.put(new SourcePartition(schema.topic(), partition), new Range(place.first, place.last));
                place.first = -1;
                place.last = 0;
            }
        });
        TableCommit commit = new TableCommit(table.path(), layout.all(), List.copyOf(finished), ranges);
        finished.clear();
        return commit;
    }

    void abandon() throws IOException {
        for (ParquetFile file : open.values()) {
            file.abandon();
        }
    }
}
