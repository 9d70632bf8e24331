package io.tributary.flow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.change.BytesText;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Rejections as rows of a table of their own, which flow to the sinks by themselves, as exactly once as all others. */
public final class DeadLetters {
    /** What decode and changelog reject. */
    public static final OutputTag<Change> OUTPUT = new OutputTag<>("letters", StreamType.CHANGE);

    /** The reason of a change that came too late to be filled: its row is right, and its history lacks it. */
    public static final String LATE = "late";

    /** The reason of a create that its connector lost. */
    public static final String HALF_KEY_CHANGE = "half-key-change";

    /** Not a name that a source can have: its tables have a schema or a database. */
    public static final TableName TABLE = new TableName("", "rejected");

    private static final List<Column> COLUMNS = List.of(
            new Column("reason", ColumnType.TEXT),
            new Column("detail", ColumnType.TEXT),
            new Column("table", ColumnType.TEXT),
            new Column("topic", ColumnType.TEXT),
            new Column("partition", ColumnType.INT32),
            new Column("offset", ColumnType.INT64),
            new Column("timestamp", ColumnType.TIMESTAMPTZ),
            new Column("key", ColumnType.BYTES),
            new Column("value", ColumnType.BYTES),
            new Column("rule", ColumnType.TEXT),
            new Column("headers", ColumnType.JSON),
            new Column("hmac", ColumnType.TEXT));
    private static final JsonFactory JSON = new JsonFactory();

    private final Map<String, TableSchema> schemas = new HashMap<>();
    private final RowWriter row = new RowWriter();

    /**
     * What a dead letter says of a create that never came.
     *
     * @param partition of the record that tells
     * @param ofDelete the delete's
     * @param offset the delete's
     */
    public static String halfKeyChange(String topic, int partition, int ofDelete, long offset) {
        return ("[%s-%d@%d] cannot tell what became of the row: its key was changed, and the create under the new key never"
                        + " came; its connector was stopped between the two, and lost it; take a new snapshot of the table%s")
                .formatted(
                        topic, ofDelete, offset, partition == ofDelete ? "" : " (told by partition " + partition + ")");
    }

    /** What a dead letter says of its record: the bytes, or where they must not be stored, a keyed hash of the value. */
    public static byte[] origin(RawRecord record) {
        return new Origin(record.key, record.value, headers(record.headers), null).toBytes();
    }

    /** The same of a record that holds what must not be stored; {@code hmac} is null where there is no secret. */
    public static byte[] origin(@Nullable String hmac) {
        return new Origin(null, null, null, hmac).toBytes();
    }

    /** Makes {@code letter} the dead letter of a record; {@code table} is the account's name of its table. */
    public void fill(Change letter, RawRecord record, byte[] origin, String table, String reason, String detail) {
        letter.clear();
        letter.replay = Math.max(-1, record.replay);
        write(
                letter,
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                table,
                reason,
                detail,
                "",
                Origin.of(origin, 0));
    }

    /** Makes {@code letter} the dead letter of an event. */
    public void fill(Change letter, Event event, String reason, String rule, String detail) {
        TableSchema schema = event.requireSchema();
        letter.clear();
        letter.replay = event.replay;
        write(
                letter,
                schema.topic(),
                event.partition,
                event.offset,
                event.recordMillis,
                schema.table().toString(),
                reason,
                detail,
                rule,
                event.origin.isPresent()
                        ? Origin.of(event.origin.bytes(), event.origin.offset())
                        : new Origin(null, null, null, null));
    }

    /** The part of a dead letter that is of the record as it was. */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    private record Origin(
            byte @Nullable [] key,
            byte @Nullable [] value,
            @Nullable String headers,
            @Nullable String hmac) {
        byte[] toBytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                write(out, key);
                write(out, value);
                write(out, headers == null ? null : headers.getBytes(StandardCharsets.UTF_8));
                write(out, hmac == null ? null : hmac.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        private static void write(DataOutputStream out, byte @Nullable [] part) throws IOException {
            out.writeInt(part == null ? -1 : part.length);
            if (part != null) {
                out.write(part);
            }
        }

        static Origin of(byte[] bytes, int offset) {
            try (DataInputStream in =
                    new DataInputStream(new ByteArrayInputStream(bytes, offset, bytes.length - offset))) {
                byte[] key = read(in);
                byte[] value = read(in);
                byte[] headers = read(in);
                byte[] hmac = read(in);
                return new Origin(
                        key,
                        value,
                        headers == null ? null : new String(headers, StandardCharsets.UTF_8),
                        hmac == null ? null : new String(hmac, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static byte @Nullable [] read(DataInputStream in) throws IOException {
            int length = in.readInt();
            return length < 0 ? null : in.readNBytes(length);
        }
    }

    private void write(
            Change letter,
            String topic,
            int partition,
            long offset,
            long recordMillis,
            String table,
            String reason,
            String detail,
            String rule,
            Origin origin) {
        row.reset();
        row.begin(COLUMNS.size());
        text(reason);
        text(detail);
        text(table);
        text(topic);
        row.writeInt(partition);
        row.writeLong(offset);
        if (recordMillis == 0) {
            row.writeNull(6);
        } else {
            row.writeLong(recordMillis * 1000);
        }
        bytes(7, origin.key);
        bytes(8, origin.value);
        bytes(9, rule.isEmpty() ? null : rule.getBytes(StandardCharsets.UTF_8));
        bytes(10, origin.headers == null ? null : origin.headers.getBytes(StandardCharsets.UTF_8));
        bytes(11, origin.hmac == null ? null : origin.hmac.getBytes(StandardCharsets.UTF_8));
        int length = row.end();
        letter.schema = schemas.computeIfAbsent(topic, t -> new TableSchema(t, TABLE, COLUMNS, List.of()));
        letter.partition = partition;
        letter.offset = offset;
        letter.recordMillis = recordMillis;
        letter.after.set(row.buffer(), row.start(), length);
    }

    /** {@code {"name":"value as text"}}, of a name that comes again a list; null where there are none. */
    private static @Nullable String headers(RawRecord.Headers headers) {
        Map<String, List<byte @Nullable []>> byName = new LinkedHashMap<>();
        headers.forEach(
                h -> byName.computeIfAbsent(h.name(), name -> new ArrayList<>()).add(h.value()));
        if (byName.isEmpty()) {
            return null;
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, List<byte @Nullable []>> header : byName.entrySet()) {
                boolean again = header.getValue().size() > 1;
                json.writeFieldName(header.getKey());
                if (again) {
                    json.writeStartArray();
                }
                for (byte[] value : header.getValue()) {
                    json.writeString(value == null ? null : BytesText.of(value));
                }
                if (again) {
                    json.writeEndArray();
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(utf8, 0, utf8.length);
    }

    private void bytes(int column, byte @Nullable [] value) {
        if (value == null) {
            row.writeNull(column);
        } else {
            row.writeBytes(value, 0, value.length);
        }
    }
}
