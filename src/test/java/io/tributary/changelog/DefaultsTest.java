package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A column that is added with a default: rows from before it have the default, and all else as it was. */
@Pure
class DefaultsTest {
    private static final Column ID = new Column("id", ColumnType.INT64);
    private static final Column PRICE = new Column("price", ColumnType.decimal(10, 2));
    private static final Column NEW = new Column("n", ColumnType.INT64);

    private final Changelog changelog = new Changelog(Map.of());
    private final MemoryRows rows = new MemoryRows();
    private final Bucket bucket = new Bucket();
    private final List<String> emitted = new ArrayList<>();

    @Test
    void decimalThatWasWidenedKeepsItsValue() {
        insert(schema(null, ID, PRICE), 110L);
        define(schema(NEW, ID, new Column("price", ColumnType.decimal(30, 4)), NEW));

        assertThat(emitted).containsExactly("c 1 1.10", "d 1 1.1000 null", "c 1 1.1000 42");
    }

    @Test
    void rowWhoseValueDoesNotFitTheNewTypeStaysAsItIs() {
        insert(schema(null, ID, PRICE), 115L);
        define(schema(NEW, ID, new Column("price", ColumnType.decimal(10, 1)), NEW));

        assertThat(emitted).containsExactly("c 1 1.15");
    }

    @Test
    void columnThatWasDroppedAndAddedAgainHasNothingOfTheOneBefore() {
        insert(schema(null, ID, NEW), 7L);
        define(schema(null, ID, PRICE));
        define(schema(NEW, ID, PRICE, NEW));

        assertThat(emitted).containsExactly("c 1 7", "d 1 null null", "c 1 null 42");
    }

    /** @param added a column whose default is 42 */
    private static TableSchema schema(@Nullable Column added, Column... columns) {
        RowWriter row = new RowWriter();
        row.begin(1);
        row.writeLong(42);
        int length = row.end();
        Slice value = new Slice();
        value.set(Arrays.copyOfRange(row.buffer(), length - 8, length));
        List<Column> all = List.of(columns);
        return new TableSchema(
                "t",
                new TableName("public", "t"),
                all,
                List.of(0),
                added == null ? Map.of() : Map.of(all.indexOf(added), value));
    }

    private void insert(TableSchema schema, long second) {
        define(schema);
        Event change = change(schema);
        change.operation = Operation.CREATE;
        RowWriter key = new RowWriter();
        key.begin(1);
        key.writeLong(1);
        change.key.set(key.buffer(), 0, key.end());
        RowWriter row = new RowWriter();
        row.begin(2);
        row.writeLong(1);
        row.writeLong(second);
        change.after.set(row.buffer(), 0, row.end());
        changelog.apply(change, bucket, rows, this::emit);
    }

    private void define(TableSchema schema) {
        changelog.define(change(schema), bucket, rows, this::emit);
    }

    private static Event change(TableSchema schema) {
        Event change = new Event();
        change.schema = schema;
        change.schemaId = schema.id();
        return change;
    }

    private void emit(Change change) {
        boolean delete = change.operation == Operation.DELETE;
        Slice image = delete ? change.before : change.after;
        TableSchema schema = change.schema;
        StringBuilder text = new StringBuilder().append(change.operation.code());
        @Nullable Object[] values = RowReader.values(schema, image.bytes(), image.offset());
        for (int i = 0; i < values.length; i++) {
            text.append(' ').append(ValueText.of(schema.columns().get(i).type(), values[i]));
        }
        emitted.add(text.toString());
    }
}
