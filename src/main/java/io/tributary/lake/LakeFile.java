package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.TableFormat;
import java.io.IOException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** One open data file, invisible until it is finished and committed. */
abstract class LakeFile {
    private final String path;
    private final int epochDay;
    private final RecoverableWriter files;
    protected final RecoverableFsDataOutputStream out;

    LakeFile(RecoverableWriter files, String table, String path, int epochDay) throws IOException {
        this.files = files;
        this.path = path;
        this.epochDay = epochDay;
        this.out = files.open(new Path(table + "/" + path));
    }

    /**
     * A file to which rows are added.
     *
     * @param epochDay its partition, or {@link DataFile#NO_DAY}
     */
    static LakeFile part(TableFormat format, RecoverableWriter files, String table, int epochDay, TableLayout layout)
            throws IOException {
        String folder = epochDay == DataFile.NO_DAY ? "" : "dt=" + LocalDate.ofEpochDay(epochDay) + "/";
        return open(format, files, table, folder + "part-" + UUID.randomUUID() + ending(format), epochDay, layout);
    }

    /** The one file of a table without a log: the next takes its place. */
    static LakeFile whole(TableFormat format, RecoverableWriter files, String table, TableLayout layout)
            throws IOException {
        String name = table.substring(table.lastIndexOf('/') + 1) + ending(format);
        return open(format, files, table, name, DataFile.NO_DAY, layout);
    }

    private static LakeFile open(
            TableFormat format, RecoverableWriter files, String table, String path, int epochDay, TableLayout layout)
            throws IOException {
        return switch (format) {
            case DELTA, PARQUET -> new ParquetFile(files, table, path, epochDay, layout);
            case JSON, CSV -> new TextFile(format, files, table, path, epochDay, layout);
        };
    }

    private static String ending(TableFormat format) {
        return switch (format) {
            case DELTA, PARQUET -> ".zstd.parquet";
            case JSON, CSV -> "." + format.name().toLowerCase(Locale.ROOT);
        };
    }

    abstract void write(Change change) throws IOException;

    /**
     * Writes what is left.
     *
     * @return as {@link FileStats} has it
     */
    abstract String end() throws IOException;

    /** Closes the file; {@link DataFile#pending} makes it visible. */
    final DataFile finish() throws IOException {
        String stats = end();
        long size = out.getPos();
        RecoverableWriter.CommitRecoverable recoverable = out.closeForCommit().getRecoverable();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                files.getCommitRecoverableSerializer();
        return new DataFile(path, epochDay, size, stats, serializer.getVersion(), serializer.serialize(recoverable));
    }

    /** Gives the file up; nothing of it becomes visible. */
    final void abandon() throws IOException {
        out.close();
    }
}
