package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@Pure
class ChangeSerializerTest {
    private static final TableSchema SCHEMA =
            new TableSchema("t", new TableName("public", "t"), List.of(new Column("id", ColumnType.INT64)), List.of(0));

    /** A change in which every part has something to say, also those that are added later. */
    private static Change whole() throws IllegalAccessException {
        Change change = new Change();
        change.schema = SCHEMA;
        change.beforeSchema = SCHEMA;
        change.schemaId = SCHEMA.id();
        change.resolved = true;
        int length = 0;
        for (Field field : Change.class.getFields()) {
            if (field.get(change) instanceof Slice slice) {
                slice.set(field.getName().repeat(++length).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return change;
    }

    private static List<String> parts(Change change) throws IllegalAccessException {
        List<String> parts = new ArrayList<>();
        for (Field field : Change.class.getFields()) {
            parts.add(field.getName() + " " + text(field.get(change)));
        }
        return parts;
    }

    private static Object text(Object value) {
        if (value instanceof Slice slice) {
            return slice.isPresent() ? new String(slice.copy(), java.nio.charset.StandardCharsets.UTF_8) : "absent";
        }
        return String.valueOf(value);
    }

    private static Change overTheWire(Change change, Change reuse) throws IOException {
        ChangeSerializer serializer = new ChangeSerializer();
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(change, out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        Change arrived = serializer.deserialize(reuse, in);
        assertThat(in.available()).as("bytes left over").isZero();
        return arrived;
    }

    @Test
    void everyPartOfAChangeArrives() throws Exception {
        assertThat(parts(overTheWire(whole(), new Change()))).isEqualTo(parts(whole()));
    }

    /** Each flag and number by itself, in a change after the changelog of a row whose table has no key: it has no schema before. */
    @TestFactory
    Stream<DynamicTest> eachFieldArrivesByItself() {
        return Stream.of(Change.class.getFields())
                .filter(field -> field.getType().isPrimitive())
                .filter(field -> !field.getName().equals("unchangedTo")) // only beside replay
                .map(field -> DynamicTest.dynamicTest(field.getName(), () -> {
                    Change change = new Change();
                    change.schema = SCHEMA;
                    change.resolved = true;
                    field.set(change, other(field.get(change)));
                    change.resolved = true;

                    assertThat(parts(overTheWire(change, new Change()))).isEqualTo(parts(change));
                }));
    }

    private static Object other(Object value) {
        if (value instanceof Boolean flag) {
            return !flag;
        }
        return value instanceof Integer ? (Object) 0x12345678 : (Object) 0x123456789abcdefL;
    }

    @Test
    void everyPartOfAChangeIsCopied() throws Exception {
        assertThat(parts(new ChangeSerializer().copy(whole()))).isEqualTo(parts(whole()));
    }

    @Test
    void whatIsAbsentStaysAbsentInAReusedChange() throws Exception {
        Change arrived = overTheWire(new Change(), whole());

        assertThat(arrived.patch.isPresent()).isFalse();
        assertThat(arrived.transaction.isPresent()).isFalse();
        assertThat(arrived.schema).isNull();
        assertThat(arrived.resolved).isFalse();
    }
}
