package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
final class RowRoundTripTest {
    private static final Object UNSENT = "unsent";

    /** @param values null for null, {@link #UNSENT} for a value not sent */
    private record Row(List<ColumnType> types, List<@Nullable Object> values) {
        TableSchema schema() {
            List<Column> columns = new ArrayList<>();
            for (ColumnType type : types) {
                columns.add(new Column("c" + columns.size(), type));
            }
            return new TableSchema("t", new TableName("s", "t"), columns, List.of());
        }
    }

    private record Cell(ColumnType type, @Nullable Object value) {}

    @Property(tries = 500)
    void rowsAreReadAsTheyWereWritten(@ForAll("rows") List<Row> rows) {
        RowWriter writer = new RowWriter();
        RowReader reader = new RowReader();
        List<Integer> starts = new ArrayList<>();
        for (Row row : rows) {
            write(row, writer);
            starts.add(writer.start());
        }
        for (int i = 0; i < rows.size(); i++) {
            check(rows.get(i), reader, writer.buffer(), starts.get(i));
        }
    }

    @Property(tries = 200)
    void copiedRowsAreTheSameBytes(@ForAll("rows") List<Row> rows) {
        for (Row row : rows) {
            RowWriter writer = new RowWriter();
            int length = write(row, writer);
            RowWriter copy = new RowWriter();
            RowReader reader = new RowReader();
            reader.open(row.schema(), writer.buffer(), 0);
            copy.begin(row.types().size());
            for (int i = 0; i < row.types().size(); i++) {
                if (reader.next()) {
                    copy.copy(reader, row.types().get(i));
                } else if (reader.isUnsent()) {
                    copy.writeUnsent(i);
                } else {
                    copy.writeNull(i);
                }
            }
            assertThat(copy.end()).isEqualTo(length);
            assertThat(java.util.Arrays.copyOf(copy.buffer(), length))
                    .isEqualTo(java.util.Arrays.copyOf(writer.buffer(), length));
        }
    }

    /** Savepoints hold rows: the bytes stay as they are. */
    @Test
    void theBytesOfARowAreFrozen() {
        RowWriter writer = new RowWriter();
        writer.begin(5);
        writer.writeInt(258);
        writer.writeNull(1);
        byte[] text = "å".repeat(100).getBytes(StandardCharsets.UTF_8);
        writer.writeBytes(text, 0, text.length);
        writer.writeUnsent(3);
        writer.writeLong(-2);
        int length = writer.end();
        assertThat(java.util.HexFormat.of().formatHex(writer.buffer(), 0, length))
                .isEqualTo("01" + "0a" + "08" + "02010000" + "c801" + "c3a5".repeat(100) + "feffffffffffffff");
    }

    @Test
    void anAbandonedRowLeavesNoTrace() {
        RowWriter writer = new RowWriter();
        Row row = new Row(List.of(ColumnType.INT32, ColumnType.TEXT), List.of(7, "x"));
        write(row, writer);
        writer.begin(9);
        writer.writeUnsent(8);
        writer.writeLong(1);
        writer.abandon();
        write(row, writer);
        check(row, new RowReader(), writer.buffer(), writer.start());
        assertThat(writer.start()).isEqualTo(8);
    }

    private static int write(Row row, RowWriter writer) {
        writer.begin(row.types().size());
        for (int i = 0; i < row.types().size(); i++) {
            Object value = row.values().get(i);
            if (value == null) {
                writer.writeNull(i);
            } else if (value == UNSENT) {
                writer.writeUnsent(i);
            } else {
                write(row.types().get(i), value, writer);
            }
        }
        return writer.end();
    }

    private static void write(ColumnType type, Object value, RowWriter writer) {
        switch (type.kind()) {
            case BOOLEAN -> writer.writeByte((Boolean) value ? 1 : 0);
            case INT16, INT32, DATE -> writer.writeInt((Integer) value);
            case INT64, TIME, TIMESTAMP, TIMESTAMPTZ -> writer.writeLong((Long) value);
            case FLOAT32 -> writer.writeInt(Float.floatToIntBits((Float) value));
            case FLOAT64 -> writer.writeLong(Double.doubleToLongBits((Double) value));
            case TEXT, JSON, ANY -> bytes(((String) value).getBytes(StandardCharsets.UTF_8), writer);
            case BYTES -> bytes((byte[]) value, writer);
            case DECIMAL -> {
                BigInteger unscaled = ((BigDecimal) value).unscaledValue();
                if (type.fitsLong()) {
                    writer.writeLong(unscaled.longValueExact());
                } else {
                    bytes(unscaled.toByteArray(), writer);
                }
            }
        }
    }

    private static void bytes(byte[] bytes, RowWriter writer) {
        writer.writeBytes(bytes, 0, bytes.length);
    }

    private static void check(Row row, RowReader reader, byte[] bytes, int start) {
        reader.open(row.schema(), bytes, start);
        assertThat(reader.hasUnsent()).isEqualTo(row.values().contains(UNSENT));
        for (Object value : row.values()) {
            boolean present = reader.next();
            assertThat(present).isEqualTo(value != null && value != UNSENT);
            if (present) {
                assertThat(reader.value()).isEqualTo(value);
            } else {
                assertThat(reader.isUnsent()).isEqualTo(value == UNSENT);
            }
        }
    }

    @Provide
    Arbitrary<List<Row>> rows() {
        return cells().list()
                .ofMaxSize(20)
                .map(cells -> new Row(
                        cells.stream().map(Cell::type).toList(),
                        new ArrayList<>(cells.stream().map(Cell::value).toList())))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    private static Arbitrary<Cell> cells() {
        return types().flatMap(type -> Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, values(type).map(value -> new Cell(type, value))),
                net.jqwik.api.Tuple.of(2, Arbitraries.just(new Cell(type, null))),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(new Cell(type, UNSENT)))));
    }

    private static Arbitrary<ColumnType> types() {
        Arbitrary<ColumnType> decimals = Combinators.combine(
                        Arbitraries.integers().between(1, ColumnType.MAX_PRECISION),
                        Arbitraries.integers().between(0, ColumnType.MAX_PRECISION))
                .as((precision, scale) -> ColumnType.decimal(precision, Math.min(precision, scale)));
        Arbitrary<ColumnType> others = Arbitraries.of(ColumnType.Kind.class)
                .filter(kind -> kind != ColumnType.Kind.DECIMAL)
                .map(kind -> new ColumnType(kind, 0, 0));
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(1, decimals), net.jqwik.api.Tuple.of(3, others));
    }

    private static Arbitrary<?> values(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> Arbitraries.of(true, false);
            case INT16 -> Arbitraries.integers().between(Short.MIN_VALUE, Short.MAX_VALUE);
            case INT32, DATE -> Arbitraries.integers();
            case INT64, TIME, TIMESTAMP, TIMESTAMPTZ -> Arbitraries.longs();
            case FLOAT32 -> Arbitraries.integers().map(Float::intBitsToFloat);
            case FLOAT64 -> Arbitraries.longs().map(Double::longBitsToDouble);
            case TEXT, JSON, ANY -> Arbitraries.strings().all().ofMaxLength(300).map(RowRoundTripTest::wellFormed);
            case BYTES -> Arbitraries.bytes().array(byte[].class).ofMaxSize(20_000);
            case DECIMAL -> {
                BigInteger limit = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
                yield Arbitraries.bigIntegers()
                        .between(limit.negate(), limit)
                        .map(unscaled -> new BigDecimal(unscaled, type.scale()));
            }
        };
    }

    /** Half surrogates have no UTF-8. */
    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
