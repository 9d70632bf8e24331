package io.tributary.lake;

import io.tributary.change.Change;
import java.io.IOException;
import java.time.LocalDate;
import java.util.UUID;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;

/** One open Parquet file, invisible until {@link #finish() finished} and committed. */
final class ParquetFile {
    /** Bounds the memory of an open file: rows are pressed into a row group when their columns take this much. */
    static final long ROW_GROUP = 32L << 20;

    private final String path;
    private final int epochDay;
    private final RecoverableWriter files;
    private final RecoverableFsDataOutputStream out;
    private final ParquetWriter<Change> writer;
    private final RowWriteSupport rows;

    /** @param epochDay its partition, or {@link DataFile#NO_DAY} */
    ParquetFile(RecoverableWriter files, String table, int epochDay, TableLayout layout) throws IOException {
        this.files = files;
        this.epochDay = epochDay;
        String folder = epochDay == DataFile.NO_DAY ? "" : "dt=" + LocalDate.ofEpochDay(epochDay) + "/";
        this.path = folder + "part-" + UUID.randomUUID() + ".zstd.parquet";
        this.out = files.open(new Path(table + "/" + path));
        this.rows = new RowWriteSupport(layout);
        Builder builder = new Builder(new ParquetOutput(out), rows)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(ROW_GROUP)
                .withDictionaryEncoding(false)
                .withDictionaryEncoding("_op", true)
                .withDictionaryEncoding("_topic", true)
                .withSizeStatisticsEnabled(false);
        for (LakeColumn column : layout.columns()) {
            // least and greatest text is compared and copied for each value, and seldom excludes a file
            builder = column.type().isVariable() ? builder.withStatisticsEnabled(column.name(), false) : builder;
        }
        this.writer = builder.build();
    }

    void write(Change change) throws IOException {
        writer.write(change);
    }

    /** Closes the file; {@link DataFile#pending} makes it visible. */
    DataFile finish() throws IOException {
        writer.close();
        long size = out.getPos();
        RecoverableWriter.CommitRecoverable recoverable = out.closeForCommit().getRecoverable();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                files.getCommitRecoverableSerializer();
        String stats = FileStats.of(writer.getFooter(), rows::nulls);
        return new DataFile(path, epochDay, size, stats, serializer.getVersion(), serializer.serialize(recoverable));
    }

    /** Gives the file up; nothing of it becomes visible. */
    void abandon() throws IOException {
        out.close();
    }

    private static final class Builder extends ParquetWriter.Builder<Change, Builder> {
        private final WriteSupport<Change> support;

        Builder(OutputFile file, WriteSupport<Change> support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract still
        protected WriteSupport<Change> getWriteSupport(Configuration configuration) {
            return support;
        }

        @Override
        protected WriteSupport<Change> getWriteSupport(ParquetConfiguration configuration) {
            return support;
        }
    }
}
