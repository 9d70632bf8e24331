package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.StreamType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * Recorded events, a line of JSON each ({@link RecordedLine}), plain or gzipped. A file is one split. Where a line does not
 * say its record's place, the partition is the file's index among the files, and the offset the line's number, from 0.
 */
public final class RecordedFormat implements BulkFormat<RawRecord, FileSourceSplit> {
    private static final int BATCH = 500;

    private final List<Path> files;

    RecordedFormat(List<Path> files) {
        this.files = List.copyOf(files);
    }

    @Override
    public Reader<RawRecord> createReader(Configuration config, FileSourceSplit split) throws IOException {
        return open(split.path(), 0);
    }

    @Override
    public Reader<RawRecord> restoreReader(Configuration config, FileSourceSplit split) throws IOException {
        return open(
                split.path(),
                split.getReaderPosition()
                        .map(CheckpointedPosition::getRecordsAfterOffset)
                        .orElse(0L));
    }

    /** Reads files without a job, one after the other. */
    /** Gives the records of one file. */
    public static void read(java.nio.file.Path file, RecordConsumer each) throws IOException {
        read(List.of(Path.fromLocalFile(file.toAbsolutePath().toFile())), each);
    }

    static void read(List<Path> files, RecordConsumer each) throws IOException {
        RecordedFormat format = new RecordedFormat(files);
        for (Path file : files) {
            try (Reader<RawRecord> reader = format.open(file, 0)) {
                RecordIterator<RawRecord> batch;
                while ((batch = reader.readBatch()) != null) {
                    RecordAndPosition<RawRecord> next;
                    while ((next = batch.next()) != null) {
                        each.accept(next.getRecord());
                    }
                }
            }
        }
    }

    private Reader<RawRecord> open(Path path, long skip) throws IOException {
        InputStream file = path.getFileSystem().open(path);
        InputStream in = path.getName().endsWith(".gz") ? new GZIPInputStream(file, 1 << 16) : file;
        EventReader reader = new EventReader(new LineInput(in), path, Math.max(0, files.indexOf(path)));
        reader.skip(skip);
        return reader;
    }

    @Override
    public boolean isSplittable() {
        return false;
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
        return StreamType.RAW_RECORD;
    }

    private static final class EventReader implements Reader<RawRecord> {
        private final LineInput lines;
        private final Path path;
        private final int partition;
        /** The newest offset by topic and partition. */
        private final Map<String, Map<Integer, Long>> newest = new HashMap<>();

        private long line;

        EventReader(LineInput lines, Path path, int partition) {
            this.lines = lines;
            this.path = path;
            this.partition = partition;
        }

        void skip(long count) throws IOException {
            while (line < count && lines.next() != null) {
                line++;
            }
        }

        @Override
        public @Nullable RecordIterator<RawRecord> readBatch() throws IOException {
            ArrayDeque<RecordAndPosition<RawRecord>> batch = new ArrayDeque<>(BATCH);
            byte[] bytes;
            while (batch.size() < BATCH && (bytes = lines.next()) != null) {
                RawRecord record = parse(bytes);
                line++;
                // the position of a record is how many lines there are up to it, itself included
                batch.add(new RecordAndPosition<>(record, CheckpointedPosition.NO_OFFSET, line));
            }
            if (batch.isEmpty()) {
                return null;
            }
            return new RecordIterator<>() {
                @Override
                public @Nullable RecordAndPosition<RawRecord> next() {
                    return batch.poll();
                }

                @Override
                public void releaseBatch() {
                    // an object of its own
                }
            };
        }

        private RawRecord parse(byte[] bytes) throws IOException {
            RawRecord record;
            try {
                record = RecordedLine.parse(bytes, partition, line);
            } catch (IOException e) {
                throw refused(e.getMessage());
            }
            Long before = newest.computeIfAbsent(record.topic, topic -> new HashMap<>())
                    .put(record.partition, record.offset);
            if (before != null && before >= record.offset) {
                // the order within a partition is what all that comes after relies on
                throw refused("line %d is out of order: %s comes after offset %d"
                        .formatted(line + 1, record.place(), before));
            }
            return record;
        }

        /** It stays wrong however often it is read. */
        private SuppressRestartsException refused(@Nullable String why) {
            return new SuppressRestartsException(new IOException(path.getPath() + ": " + why));
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
