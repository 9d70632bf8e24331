package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.StreamType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Recorded events, a line of JSON each ({@link RecordedLine}), plain or gzipped. A file is one split and stands for one
 * partition: its index among the files; a record's offset is the number of its line, from 0.
 */
final class RecordedFormat implements BulkFormat<RawRecord, FileSourceSplit> {
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

    private Reader<RawRecord> open(Path path, long skip) throws IOException {
        InputStream file = path.getFileSystem().open(path);
        InputStream in = path.getName().endsWith(".gz") ? new GZIPInputStream(file, 1 << 16) : file;
        LineReader reader = new LineReader(
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)),
                Math.max(0, files.indexOf(path)));
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

    private static final class LineReader implements Reader<RawRecord> {
        private final BufferedReader lines;
        private final int partition;
        private long line;

        LineReader(BufferedReader lines, int partition) {
            this.lines = lines;
            this.partition = partition;
        }

        void skip(long count) throws IOException {
            while (line < count && lines.readLine() != null) {
                line++;
            }
        }

        @Override
        public @Nullable RecordIterator<RawRecord> readBatch() throws IOException {
            java.util.ArrayDeque<RecordAndPosition<RawRecord>> batch = new java.util.ArrayDeque<>(BATCH);
            String text;
            while (batch.size() < BATCH && (text = lines.readLine()) != null) {
                RawRecord record = RecordedLine.parse(text, partition, line++);
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

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
