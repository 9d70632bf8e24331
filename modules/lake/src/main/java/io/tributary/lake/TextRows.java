package io.tributary.lake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableFormat;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.jspecify.annotations.Nullable;

/** Rows as lines of text: JSON objects, or comma-separated values under a line of names. Times are as {@link ValueText} has them. */
final class TextRows implements FileRows {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");

    private final TableLayout layout;
    private final List<LakeColumn> columns;
    private final Writer text;
    private final @Nullable JsonGenerator json;
    private final boolean guardsFormulas;
    private final Map<Long, int[]> places = new HashMap<>();
    private long rows;

    TextRows(FSDataOutputStream out, TableLayout layout, TableFormat format) throws IOException {
        this.layout = layout;
        this.columns = layout.inFiles();
        this.text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        this.guardsFormulas = format == TableFormat.CSV_GUARDED;
        this.json = format == TableFormat.JSON ? JSON.createGenerator(text).setRootValueSeparator(null) : null;
        if (json == null) {
            line(columns.stream().map(column -> guarded(column.name())).toList());
        }
    }

    @Override
    public void write(Change change) throws IOException {
        @Nullable Object[] values = values(change);
        if (json == null) {
            List<@Nullable String> fields = new ArrayList<>(values.length);
            for (Object value : values) {
                fields.add(value == null ? null : textOf(value));
            }
            line(fields);
        } else {
            json.writeStartObject();
            for (int i = 0; i < values.length; i++) {
                json.writeFieldName(columns.get(i).name());
                write(json, values[i]);
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }
        rows++;
    }

    /** In the order of the file's columns. */
    private @Nullable Object[] values(Change change) {
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        TableSchema schema = change.imageSchema();
        Slice row = change.operation == Operation.DELETE ? change.before : change.after;
        if (row.isPresent()) {
            @Nullable Object[] own = RowReader.values(schema, row.bytes(), row.offset());
            int[] at = places.computeIfAbsent(schema.id(), id -> placesOf(schema));
            for (int i = 0; i < own.length; i++) {
                if (at[i] >= 0 && own[i] != null) {
                    values[at[i]] = converted(
                            schema.columns().get(i), columns.get(at[i]).type(), own[i]);
                }
            }
        }
        if (!layout.metadata().isEmpty()) {
            int at = layout.columns().size();
            Slice tx = change.transaction;
            values[at] = String.valueOf(change.operation.code());
            values[at + 1] = change.sourceMillis;
            values[at + 2] = schema.topic();
            values[at + 3] = change.partition;
            values[at + 4] = change.offset;
            values[at + 5] =
                    tx.isPresent() ? new String(tx.bytes(), tx.offset(), tx.length(), StandardCharsets.UTF_8) : null;
            values[at + 6] = change.operation == Operation.DELETE;
        }
        return values;
    }

    private int[] placesOf(TableSchema schema) {
        Map<String, Integer> places = layout.places();
        return schema.columns().stream()
                .mapToInt(column -> places.getOrDefault(column.name(), -1))
                .toArray();
    }

    /** Numbers and truths as such, all else as text; so is a value of a column that is text in the file. */
    private static Object converted(Column column, ColumnType wide, Object value) {
        return switch (column.type().kind()) {
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL ->
                wide.kind() == ColumnType.Kind.TEXT ? ValueText.of(column.type(), value) : value;
            case TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY -> ValueText.of(column.type(), value);
        };
    }

    private String textOf(Object value) {
        return value instanceof BigDecimal number
                ? number.toPlainString()
                : value instanceof String text ? guarded(text) : value.toString();
    }

    /** As OWASP's page on CSV injection has it; but a number is none. */
    private String guarded(String text) {
        return guardsFormulas
                        && !text.isEmpty()
                        && !NUMBER.matcher(text).matches()
                        && "=+-@\t\r\n＝＋－＠".indexOf(text.charAt(0)) >= 0
                ? "'" + text
                : text;
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof BigDecimal number) {
            json.writeNumber(number);
        } else if (value instanceof Float number) {
            json.writeNumber(number); // a number that JSON has not becomes a text
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Number number) {
            json.writeNumber(number.longValue());
        } else {
            json.writeString((String) value);
        }
    }

    private void line(List<@Nullable String> fields) throws IOException {
        for (int i = 0; i < fields.size(); i++) {
            if (i > 0) {
                text.write(',');
            }
            String field = fields.get(i);
            if (field != null) {
                boolean isQuoted = field.isEmpty() || field.chars().anyMatch(c -> c < ' ' || c == ',' || c == '"');
                text.write(isQuoted ? '"' + field.replace("\"", "\"\"") + '"' : field);
            }
        }
        text.write('\n');
    }

    @Override
    public long buffered() {
        return 0; // a few kB
    }

    @Override
    public String end() throws IOException {
        if (json != null) {
            json.flush();
        }
        text.flush();
        return FileStats.ofRows(rows);
    }
}
