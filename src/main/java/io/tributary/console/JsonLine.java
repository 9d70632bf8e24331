package io.tributary.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.Printable;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import org.jspecify.annotations.Nullable;

/** {@code {"table","op","key","before","after","topic","partition","offset","ts_ms"}}; decimals, dates and times are text. */
final class JsonLine implements ChangeLine {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String of(Change change) {
        TableSchema schema = change.schema;
        ObjectNode line = JSON.createObjectNode();
        line.put("table", schema.table().toString());
        line.put("op", String.valueOf(change.operation.code()));
        ObjectNode after = row(schema, change.after);
        ObjectNode before = row(change.beforeSchema, change.before);
        ObjectNode image = after == null ? before : after;
        TableSchema imageSchema = after == null && change.beforeSchema != null ? change.beforeSchema : schema;
        ObjectNode key = line.putObject("key");
        for (int index : imageSchema.key()) {
            String name = imageSchema.columns().get(index).name();
            key.set(name, image == null ? null : image.get(name));
        }
        line.set("before", before);
        line.set("after", after);
        line.put("topic", schema.topic());
        line.put("partition", change.partition);
        line.put("offset", change.offset);
        line.put("ts_ms", change.sourceMillis);
        try {
            return Printable.of(JSON.writeValueAsString(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }

    private static @Nullable ObjectNode row(@Nullable TableSchema schema, Slice slice) {
        @Nullable Object @Nullable [] values = TextLine.values(schema, slice);
        if (schema == null || values == null) {
            return null;
        }
        ObjectNode row = JSON.createObjectNode();
        for (int i = 0; i < values.length; i++) {
            Column column = schema.columns().get(i);
            Object value = values[i];
            if (value == null) {
                row.putNull(column.name());
            } else {
                switch (column.type().kind()) {
                    case BOOLEAN -> row.put(column.name(), (Boolean) value);
                    case INT16, INT32 -> row.put(column.name(), (Integer) value);
                    case INT64 -> row.put(column.name(), (Long) value);
                    case FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                        row.put(column.name(), ValueText.of(column.type(), value));
                }
            }
        }
        return row;
    }
}
