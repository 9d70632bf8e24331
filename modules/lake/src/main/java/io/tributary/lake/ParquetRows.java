package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;

/** Rows as Parquet. */
final class ParquetRows implements FileRows {
    /** Bounds the memory of an open file: rows are pressed into a row group when their columns take this much. */
    static final long ROW_GROUP = 32L << 20;

    /** What a file is compressed in begins so small, and grows: Parquet takes a page, 1 MiB, for each open file. */
    private static final int COMPRESSED = 4 << 10;

    private final FSDataOutputStream out;
    private final ParquetWriter<Change> writer;
    private final RowWriteSupport rows;

    ParquetRows(FSDataOutputStream out, TableLayout layout) throws IOException {
        this.out = out;
        this.rows = new RowWriteSupport(layout);
        Builder builder = new Builder(new ParquetOutput(out), rows)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withCodecFactory(new CodecFactory(new PlainParquetConfiguration(), COMPRESSED))
                .withRowGroupSize(ROW_GROUP)
                .withDictionaryEncoding(false)
                .withDictionaryEncoding("_op", true)
                .withDictionaryEncoding("_topic", true)
                .withSizeStatisticsEnabled(false);
        for (LakeColumn column : layout.columns()) {
            // least and greatest text is compared and copied for each value, and seldom excludes a file
            boolean isText = column.type().isVariable() && column.type().kind() != ColumnType.Kind.DECIMAL;
            builder = isText ? builder.withStatisticsEnabled(column.name(), false) : builder;
        }
        this.writer = builder.build();
    }

    @Override
    public void write(Change change) throws IOException {
        writer.write(change);
    }

    @Override
    public long buffered() throws IOException {
        return writer.getDataSize() - out.getPos();
    }

    @Override
    public String end() throws IOException {
        writer.close();
        return FileStats.of(writer.getFooter(), rows::nulls);
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
