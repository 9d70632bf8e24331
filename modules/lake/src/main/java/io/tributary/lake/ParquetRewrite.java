package io.tributary.lake;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.DummyRecordConverter;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Copies a Parquet file with some columns in wider types. All other columns are copied as the bytes they are, so rows keep
 * their content and order; no more than one row group's columns to convert are in memory.
 */
final class ParquetRewrite implements AutoCloseable {
    private static final int MAX_PADDING = 8 << 20;

    private final ParquetInput in;
    private final ParquetFileReader reader;
    private final Map<String, Retype.Widening> widened;
    private final MessageType schema;

    /** @param widened by the column's name; columns that the file has not are no matter */
    ParquetRewrite(Path file, Map<String, Retype.Widening> widened) throws IOException {
        this.in = new ParquetInput(file);
        this.reader = open(in);
        this.widened = widened;
        MessageType old = reader.getFileMetaData().getSchema();
        this.schema = new MessageType(
                old.getName(), old.getFields().stream().map(this::field).toList());
    }

    private Type field(Type old) {
        Retype.Widening widening = widened.get(old.getName());
        return widening == null ? old : RowWriteSupport.field(widening.column());
    }

    private static ParquetFileReader open(ParquetInput file) throws IOException {
        return ParquetFileReader.open(
                file,
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build());
    }

    /** Whether the file has any of the columns. */
    boolean isNeeded() {
        return schema.getFields().stream().anyMatch(field -> widened.containsKey(field.getName()));
    }

    long rows() {
        return reader.getRecordCount();
    }

    /**
     * Writes the copy; one that is there already, from an attempt that did not get to its commit, is kept.
     *
     * @return the copy's bytes
     */
    long to(Path copy) throws IOException {
        FileSystem files = copy.getFileSystem();
        if (!files.exists(copy) || !isWhole(copy)) {
            // hidden from readers, and nobody else's: a committer that is being closed may write the same copy still
            Path aside = new Path(copy.getParent(), "." + copy.getName() + "." + UUID.randomUUID());
            try {
                try (FSDataOutputStream out = files.create(aside, FileSystem.WriteMode.NO_OVERWRITE)) {
                    write(new ParquetOutput(out));
                    out.sync(); // what it replaces may be vacuumed
                }
                if (!files.rename(aside, copy)) {
                    throw new IOException("cannot rename %s to %s".formatted(aside, copy));
                }
            } finally {
                files.delete(aside, false);
            }
        }
        return files.getFileStatus(copy).getLen();
    }

    private boolean isWhole(Path copy) throws IOException {
        try (ParquetFileReader there = open(new ParquetInput(copy))) {
            return there.getFileMetaData().getSchema().equals(schema) && there.getRecordCount() == rows();
        } catch (RuntimeException e) {
            return false; // no Parquet file
        }
    }

    private void write(ParquetOutput out) throws IOException {
        ParquetFileWriter writer = new ParquetFileWriter(
                out,
                schema,
                ParquetFileWriter.Mode.CREATE,
                ParquetRows.ROW_GROUP,
                MAX_PADDING,
                ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
                ParquetProperties.DEFAULT_PAGE_WRITE_CHECKSUM_ENABLED);
        List<BlockMetaData> groups = reader.getRowGroups();
        CodecFactory codecs = new CodecFactory(new PlainParquetConfiguration(), ParquetProperties.DEFAULT_PAGE_SIZE);
        try (SeekableInputStream bytes = in.newStream()) {
            writer.start();
            for (int i = 0; i < groups.size(); i++) {
                writer.startBlock(groups.get(i).getRowCount());
                for (ColumnChunkMetaData chunk : groups.get(i).getColumns()) {
                    Retype.Widening widening = widened.get(chunk.getPath().toDotString());
                    if (widening == null) {
                        copy(chunk, bytes, writer);
                    } else {
                        convert(i, widening, codecs, writer);
                    }
                }
                writer.endBlock();
            }
            writer.end(reader.getFileMetaData().getKeyValueMetaData());
        } finally {
            codecs.release();
        }
    }

    private void copy(ColumnChunkMetaData chunk, SeekableInputStream bytes, ParquetFileWriter writer)
            throws IOException {
        ColumnDescriptor column = schema.getColumnDescription(chunk.getPath().toArray());
        writer.appendColumnChunk(
                column,
                bytes,
                chunk,
                reader.readBloomFilter(chunk),
                reader.readColumnIndex(chunk),
                reader.readOffsetIndex(chunk));
    }

    private void convert(int group, Retype.Widening widening, CodecFactory codecs, ParquetFileWriter writer)
            throws IOException {
        String name = widening.column().name();
        MessageType old =
                new MessageType("row", reader.getFileMetaData().getSchema().getType(name));
        MessageType wide = new MessageType("row", schema.getType(name));
        reader.setRequestedSchema(old);
        PageReadStore narrow = reader.readRowGroup(group);
        ColumnReader values = new ColumnReadStoreImpl(
                        narrow,
                        new DummyRecordConverter(old).getRootConverter(),
                        old,
                        reader.getFileMetaData().getCreatedBy())
                .getColumnReader(old.getColumns().get(0));
        ParquetProperties properties = ParquetProperties.builder()
                .withDictionaryEncoding(false)
                .withSizeStatisticsEnabled(false)
                .withStatisticsEnabled(!widening.column().type().isVariable())
                .build();
        CompressionCodecFactory.BytesInputCompressor zstd = codecs.getCompressor(CompressionCodecName.ZSTD);
        ColumnChunkPageWriteStore pages = new ColumnChunkPageWriteStore(
                zstd,
                wide,
                new HeapByteBufferAllocator(),
                properties.getColumnIndexTruncateLength(),
                properties.getPageWriteChecksumEnabled());
        try (pages;
                var columns = properties.newColumnWriteStore(wide, pages)) {
            RecordConsumer out = new ColumnIOFactory().getColumnIO(wide).getRecordWriter(columns);
            pour(values, narrow.getRowCount(), name, new ConvertedColumn(widening.conversion()), out);
            out.flush();
            columns.flush();
            pages.flushToFileWriter(writer);
        }
    }

    private static void pour(
            ColumnReader values, long rows, String name, ConvertedColumn converted, RecordConsumer out) {
        int present = values.getDescriptor().getMaxDefinitionLevel();
        for (long i = 0; i < rows; i++) {
            out.startMessage();
            if (values.getCurrentDefinitionLevel() == present) {
                out.startField(name, 0);
                converted.add(out, values);
                out.endField(name, 0);
            }
            out.endMessage();
            values.consume();
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
