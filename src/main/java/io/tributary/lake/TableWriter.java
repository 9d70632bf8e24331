package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import io.tributary.lake.TableCommit.Range;
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
    /** What is offered again is fenced by its place there: its own place is behind the fence. */
    private final SourcePartition replays;

    private final Offsets replayed;
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

        void add(long offset) {
            first = first < 0 ? offset : Math.min(first, offset);
            last = Math.max(last, offset);
        }

        void take(SourcePartition partition, Map<SourcePartition, Range> ranges) {
            if (first >= 0) {
                ranges.put(partition, new Range(first, last));
                first = -1;
                last = 0;
            }
        }
    }

    @SuppressWarnings("NullAway.Init") // lastFile is only read where lastDay says it is there
    TableWriter(
            String lake,
            WrittenTable table,
            TableSchema schema,
            RecoverableWriter files,
            Map<SourcePartition, Long> fences,
            SourcePartition replays)
            throws IOException {
        this.location = lake + "/" + table.path();
        this.table = table;
        this.schema = schema;
        this.files = files;
        this.fences = fences;
        this.replays = replays;
        this.replayed = new Offsets(fences.getOrDefault(replays, 0L));
        this.layout = table.layout(schema);
    }

    /** Writes the change, unless the table has it already; whether it did. */
    boolean write(Change change) throws IOException {
        Offsets place = change.replay < 0 ? offsets(change.partition) : replayed;
        long offset = change.replay < 0 ? change.offset : change.replay;
        if (offset < place.fence) {
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
        place.add(offset);
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
        offsets.forEach((partition, place) -> place.take(new SourcePartition(schema.topic(), partition), ranges));
        replayed.take(replays, ranges);
        TableCommit commit = new TableCommit(table.path(), null, layout.all(), List.copyOf(finished), ranges);
        finished.clear();
        return commit;
    }

    void abandon() throws IOException {
        for (ParquetFile file : open.values()) {
            file.abandon();
        }
    }
}
