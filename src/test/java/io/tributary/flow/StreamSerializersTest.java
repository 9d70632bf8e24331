package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each public field of what flows, also one that is added later, comes through the serializer: by itself, and with all others. */
@Pure
class StreamSerializersTest {
    private static final TableSchema SCHEMA =
            new TableSchema("t", new TableName("public", "t"), List.of(new Column("id", ColumnType.INT64)), List.of(0));

    /** Of an event that is no definition, its bucket knows the schema; of one that is not offered again, the second says nothing. */
    private static final List<String> NOT_ALONE = List.of("schema", "unchangedTo");

    private record Kind<T>(TypeSerializer<T> serializer, Supplier<T> empty) {}

    private static final List<Kind<?>> KINDS = List.of(
            new Kind<>(new EventSerializer(), Event::new),
            new Kind<>(new ChangeSerializer(), Change::new),
            new Kind<>(new PartRowSerializer(), PartRow::new));

    private static Stream<Field> fields(Object of) {
        return Stream.of(of.getClass().getFields())
                .filter(field -> !java.lang.reflect.Modifier.isStatic(field.getModifiers()));
    }

    private static void fill(Object of, Field field) throws IllegalAccessException {
        Object value = field.get(of);
        if (value instanceof Slice slice) {
            slice.set(field.getName().getBytes(StandardCharsets.UTF_8));
        } else if (field.getType() == TableSchema.class) {
            field.set(of, SCHEMA);
        } else if (field.getType() == Replacement.class) {
            field.set(of, new Replacement(List.of(SCHEMA), 3, Map.of(new SourcePartition("t", 1), 7L)));
        } else if (value instanceof Boolean flag) {
            field.set(of, !flag);
        } else if (value instanceof Integer) {
            field.set(of, 0x12345678);
        } else if (value instanceof Long) {
            field.set(of, 0x123456789abcdefL);
        } else if (value instanceof Enum<?> constant) {
            Object[] all = constant.getDeclaringClass().getEnumConstants();
            field.set(of, all[all.length - 1]);
        } else {
            throw new AssertionError("this test must learn of " + field);
        }
    }

    private static Map<String, String> parts(Object of) throws IllegalAccessException {
        Map<String, String> parts = new TreeMap<>();
        for (Field field : fields(of).toList()) {
            Object value = field.get(of);
            parts.put(
                    field.getName(),
                    value instanceof Slice slice
                            ? slice.isPresent() ? new String(slice.copy(), StandardCharsets.UTF_8) : "absent"
                            : String.valueOf(value));
        }
        return parts;
    }

    private static <T> T overTheWire(TypeSerializer<T> serializer, T from, T reuse) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(from, out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        T arrived = serializer.deserialize(reuse, in);
        assertThat(in.available()).as("bytes left over").isZero();
        return arrived;
    }

    private static <T> T whole(Kind<T> kind) throws IllegalAccessException {
        T whole = kind.empty().get();
        for (Field field : fields(whole).toList()) {
            fill(whole, field);
        }
        return whole;
    }

    @TestFactory
    Stream<DynamicTest> eachFieldArrivesByItself() {
        return KINDS.stream().flatMap(this::eachFieldOf);
    }

    private <T> Stream<DynamicTest> eachFieldOf(Kind<T> kind) {
        T empty = kind.empty().get();
        return fields(empty)
                .filter(field -> !NOT_ALONE.contains(field.getName()))
                .map(field -> DynamicTest.dynamicTest(name(empty) + "." + field.getName(), () -> {
                    T one = kind.empty().get();
                    fill(one, field);
                    assertThat(parts(overTheWire(
                                    kind.serializer(), one, kind.empty().get())))
                            .isEqualTo(parts(one));
                }));
    }

    @TestFactory
    Stream<DynamicTest> allFieldsArriveAndAreCopied() {
        return KINDS.stream()
                .map(kind -> DynamicTest.dynamicTest(name(kind.empty().get()), () -> all(kind)));
    }

    private static <T> void all(Kind<T> kind) throws Exception {
        Map<String, String> whole = parts(whole(kind));
        assertThat(parts(
                        overTheWire(kind.serializer(), whole(kind), kind.empty().get())))
                .isEqualTo(whole);
        assertThat(parts(kind.serializer().copy(whole(kind)))).isEqualTo(whole);
        assertThat(parts(kind.serializer().copy(whole(kind), kind.empty().get())))
                .isEqualTo(whole);
    }

    @TestFactory
    Stream<DynamicTest> whatIsAbsentStaysAbsentInAReusedOne() {
        return KINDS.stream()
                .map(kind -> DynamicTest.dynamicTest(name(kind.empty().get()), () -> absent(kind)));
    }

    private static <T> void absent(Kind<T> kind) throws Exception {
        T empty = kind.empty().get();
        assertThat(parts(overTheWire(kind.serializer(), empty, whole(kind)))).isEqualTo(parts(empty));
    }

    private static String name(Object of) {
        return of.getClass().getSimpleName();
    }
}
