package io.tributary.console;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.Operation;
import io.tributary.change.Printable;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code u public.transactions transaction_id=7f3a amount: 10.00 → 12.50, city: Oslo → Rome}. */
public final class TextLine implements ChangeLine {
    private static final int LONGEST_VALUE = 60;

    @Override
    public String of(Change change) {
        TableSchema schema = change.schema;
        StringBuilder line = new StringBuilder()
                .append(change.operation.code())
                .append(' ')
                .append(Printable.of(schema.table().toString()));
        if (change.operation == Operation.TRUNCATE) {
            return line.append(" all rows are gone").toString();
        }
        @Nullable Object[] before = values(change.beforeSchema, change.before);
        @Nullable Object[] after = values(schema, change.after);
        TableSchema imageSchema = after == null && change.beforeSchema != null ? change.beforeSchema : schema;
        @Nullable Object[] image = after == null ? before : after;
        List<Integer> key = imageSchema.key();
        List<String> parts = new ArrayList<>();
        if (image != null) {
            for (int index : key) {
                line.append(' ').append(pair(imageSchema.columns().get(index), image[index], "="));
            }
            for (int i = 0; i < image.length; i++) {
                if (!key.contains(i)) {
                    part(imageSchema, i, image, before, change).ifPresent(parts::add);
                }
            }
        }
        return line.append(' ').append(String.join(", ", parts)).toString().stripTrailing();
    }

    /** {@code transaction_id=7f3a, amount: 12.50}: the values that are there. */
    public static String row(TableSchema schema, byte[] bytes, int offset) {
        @Nullable Object[] values = RowReader.values(schema, bytes, offset);
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                parts.add(pair(schema.columns().get(i), values[i], schema.key().contains(i) ? "=" : ": "));
            }
        }
        return String.join(", ", parts);
    }

    private static java.util.Optional<String> part(
            TableSchema schema,
            int index,
            @Nullable Object[] image,
            @Nullable Object @Nullable [] before,
            Change change) {
        Column column = schema.columns().get(index);
        boolean update = change.after.isPresent() && before != null && change.beforeSchema != null;
        if (!update || change.beforeSchema == null || before == null) {
            return image[index] == null
                    ? java.util.Optional.empty()
                    : java.util.Optional.of(pair(column, image[index], ": "));
        }
        int old = change.beforeSchema.indexOf(column.name());
        Object oldValue = old < 0 ? null : before[old];
        if (Objects.deepEquals(oldValue, image[index])) {
            return java.util.Optional.empty();
        }
        Column oldColumn = old < 0 ? column : change.beforeSchema.columns().get(old);
        return java.util.Optional.of(pair(oldColumn, oldValue, ": ") + " → " + shown(column, image[index]));
    }

    private static String pair(Column column, @Nullable Object value, String between) {
        return Printable.of(column.name()) + between + shown(column, value);
    }

    private static String shown(Column column, @Nullable Object value) {
        String text = ValueText.of(column.type(), value);
        return text.length() <= LONGEST_VALUE
                ? Printable.of(text)
                : Printable.of(text.substring(0, LONGEST_VALUE)) + "… (" + text.length() + ")";
    }

    static @Nullable Object @Nullable [] values(@Nullable TableSchema schema, Slice row) {
        return schema == null || !row.isPresent() ? null : RowReader.values(schema, row.bytes(), row.offset());
    }
}
