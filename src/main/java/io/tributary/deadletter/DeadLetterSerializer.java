package io.tributary.deadletter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.TableSchema;
import io.tributary.flow.DeadLetters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as a record: the place {@code topic-partition@offset} as key, all columns of {@link DeadLetters} as one JSON
 * object: bytes as Base64, the time in milliseconds since 1970, the headers as the object they are. {@code reason} and
 * {@code table} are headers too, so that a reader need not look inside.
 *
 * <p>A letter that would not fit a record goes without the record's value, its key and its headers, and with
 * {@code "truncated":true}: it must not stop the job. The lake has it whole.
 */
final class DeadLetterSerializer implements KafkaRecordSerializationSchema<Change> {
    /** Bytes that Kafka's own format takes of a record, at most. */
    private static final int OVERHEAD = 512;

    private static final JsonFactory JSON = new JsonFactory();

    private final String topic;
    private final int largest;

    /** @param largest bytes of a record */
    DeadLetterSerializer(String topic, int largest) {
        this.topic = topic;
        this.largest = largest;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Change letter, KafkaSinkContext context, @Nullable Long timestamp) {
        TableSchema schema = letter.schema;
        @Nullable Object[] row = RowReader.values(schema, letter.after.bytes(), letter.after.offset());
        byte[] key = utf8(schema.topic() + "-" + letter.partition + "@" + letter.offset);
        byte[] reason = utf8(String.valueOf(row[schema.indexOf("reason")]));
        byte[] table = utf8(String.valueOf(row[schema.indexOf("table")]));
        int room = largest - OVERHEAD - key.length - reason.length - table.length;
        byte[] value = json(schema.columns(), row, room);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key, value);
        Headers headers = record.headers();
        headers.add("reason", reason);
        headers.add("table", table);
        return record;
    }

    private static byte[] json(List<Column> columns, @Nullable Object[] row, int room) {
        long size = 0;
        for (Object value : row) {
            size += value instanceof byte[] bytes ? bytes.length * 4L / 3 : 0;
        }
        // what cannot fit is not even tried
        byte[] whole = size > room ? null : json(columns, row, false);
        return whole != null && whole.length <= room ? whole : json(columns, row, true);
    }

    private static byte[] json(List<Column> columns, @Nullable Object[] row, boolean truncated) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (int i = 0; i < row.length; i++) {
                Column column = columns.get(i);
                boolean ofRecord =
                        column.type().equals(ColumnType.BYTES) || column.type().equals(ColumnType.JSON);
                json.writeFieldName(column.name());
                write(json, column, truncated && ofRecord ? null : row[i]);
            }
            if (truncated) {
                json.writeBooleanField("truncated", true);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, Column column, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
            return;
        }
        switch (column.type().kind()) {
            case INT32 -> json.writeNumber((Integer) value);
            case INT64 -> json.writeNumber((Long) value);
            case TIMESTAMPTZ -> json.writeNumber((Long) value / 1000);
            case BYTES -> json.writeBinary((byte[]) value);
            case JSON -> json.writeRawValue((String) value);
            case BOOLEAN, INT16, FLOAT32, FLOAT64, DECIMAL, TEXT, DATE, TIME, TIMESTAMP, ANY ->
                json.writeString((String) value);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
