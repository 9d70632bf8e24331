package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.TableFormat;
import java.io.IOException;
import java.time.LocalDate;
import java.util.UUID;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open data file, invisible until it is finished and committed. */
final class LakeFile {
    private static final Logger LOG = LoggerFactory.getLogger(LakeFile.class);

    private final String path;
    private final int epochDay;
    private final RecoverableWriter files;
    private final RecoverableFsDataOutputStream out;
    private final FileRows rows;

    private LakeFile(
            TableFormat format, RecoverableWriter files, String table, String path, int epochDay, TableLayout layout)
            throws IOException {
        this.files = files;
        this.path = path;
        this.epochDay = epochDay;
        this.out = files.open(new Path(table + "/" + path));
        this.rows = switch (format) {
            case DELTA, PARQUET -> new ParquetRows(out, layout);
            case JSON, CSV, CSV_GUARDED -> new TextRows(out, layout, format);
        };
    }

    /**
     * A file to which rows are added.
     *
     * @param epochDay its partition, or {@link DataFile#NO_DAY}
     */
    static LakeFile part(TableFormat format, RecoverableWriter files, String table, int epochDay, TableLayout layout)
            throws IOException {
        String folder = epochDay == DataFile.NO_DAY ? "" : "dt=" + LocalDate.ofEpochDay(epochDay) + "/";
        return new LakeFile(
                format, files, table, folder + "part-" + UUID.randomUUID() + ending(format), epochDay, layout);
    }

    /** The one file of a table without a log: the next takes its place. */
    static LakeFile whole(TableFormat format, RecoverableWriter files, String table, TableLayout layout)
            throws IOException {
        String name = table.substring(table.lastIndexOf('/') + 1) + ending(format);
        return new LakeFile(format, files, table, name, DataFile.NO_DAY, layout);
    }

    private static String ending(TableFormat format) {
        return switch (format) {
            case DELTA, PARQUET -> ".zstd.parquet";
            case JSON -> ".json";
            case CSV, CSV_GUARDED -> ".csv";
        };
    }

    void write(Change change) throws IOException {
        rows.write(change);
    }

    /** Bytes of rows that are held in memory. */
    long buffered() throws IOException {
        return rows.buffered();
    }

    /** Closes the file; {@link DataFile#pending} makes it visible. */
    DataFile finish() throws IOException {
        String stats = rows.end();
        long size = out.getPos();
        RecoverableWriter.CommitRecoverable recoverable = out.closeForCommit().getRecoverable();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                files.getCommitRecoverableSerializer();
        return new DataFile(path, epochDay, size, stats, serializer.getVersion(), serializer.serialize(recoverable));
    }

    /**
     * Gives the file up; nothing of it becomes visible. A store that is away does not make it fail: a task that cannot be
     * cleaned up takes its whole TaskManager with it.
     */
    void abandon() {
        try {
            out.close();
        } catch (IOException | RuntimeException e) {
            LOG.info("{} is given up without an end: {}", path, e.toString());
        }
    }
}
