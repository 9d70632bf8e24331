package io.tributary.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class ValueTest {
    private static String of(ColumnType type, Object value) {
        RowWriter row = new RowWriter();
        row.begin(1);
        if (value instanceof Integer number) {
            row.writeInt(number);
        } else if (value instanceof Long number) {
            row.writeLong(number);
        } else if (value instanceof Double number) {
            row.writeLong(Double.doubleToLongBits(number));
        } else if (value instanceof BigDecimal number) {
            row.writeLong(number.setScale(type.scale()).unscaledValue().longValueExact());
        } else {
            byte[] utf8 = ((String) value).getBytes(StandardCharsets.UTF_8);
            row.writeBytes(utf8, 0, utf8.length);
        }
        row.end();
        return read(row, type);
    }

    private static String read(RowWriter row, ColumnType type) {
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {type}, row.buffer(), 0);
        assertThat(reader.next()).isTrue();
        return Value.of(type, reader);
    }

    private static @Nullable String written(String value, ColumnType type) {
        RowWriter row = new RowWriter();
        row.begin(1);
        Value.write(value, type, row, 0);
        row.end();
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {type}, row.buffer(), 0);
        return reader.next() ? String.valueOf(reader.value()) : null;
    }

    @Test
    void equalNumbersAreOneWhateverTheirType() {
        assertThat(List.of(
                        of(ColumnType.INT32, 5),
                        of(ColumnType.INT64, 5L),
                        of(ColumnType.decimal(12, 2), new BigDecimal("5.00")),
                        of(ColumnType.FLOAT64, 5.0),
                        of(ColumnType.JSON, "5")))
                .containsOnly("n5");
        assertThat(of(ColumnType.FLOAT64, -0.0)).isEqualTo(of(ColumnType.INT32, 0));
        assertThat(of(ColumnType.INT64, 1_000_000L)).isEqualTo("n1000000");
    }

    @Test
    void aTextIsNoNumberAndJsonTellsThemApart() {
        assertThat(of(ColumnType.TEXT, "5")).isEqualTo("t5");
        assertThat(of(ColumnType.JSON, "\"5\"")).isEqualTo("t5");
        assertThat(of(ColumnType.JSON, "{\"a\": 1}")).isEqualTo("t{\"a\": 1}");
        assertThat(of(ColumnType.JSON, "1e999999999"))
                .as("no attack on the heap")
                .isEqualTo("t1e999999999");
        assertThat(Value.number("t1e999999999")).isNull();
        assertThat(Value.number("t 7.50 ")).isEqualByComparingTo("7.5");
        assertThat(Value.number("tseven")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "n9, n10, -1",
        "n-1, n0, -1",
        "n1.5, n1.50, 0",
        "fNaN, n9, 1",
        "f-Infinity, n-9, -1",
        "tb, ta, 1",
        "d-1, d2, -1"
    })
    void valuesAreOrderedAsWhatTheyAre(String one, String other, int order) {
        assertThat(Integer.signum(Value.compare(one, other))).isEqualTo(order);
        assertThat(Integer.signum(Value.compare(other, one))).isEqualTo(-order);
    }

    @Test
    void aValueIsWrittenInItsColumnsTypeAndNullWhereThatDoesNotHoldIt() {
        assertThat(written("n5", ColumnType.INT32)).isEqualTo("5");
        assertThat(written("n5.005", ColumnType.decimal(10, 2))).isEqualTo("5.01");
        assertThat(written("n123456789", ColumnType.decimal(4, 2))).isNull();
        assertThat(written("fNaN", ColumnType.FLOAT64)).isEqualTo("NaN");
        assertThat(written("fNaN", ColumnType.INT64)).isNull();
        assertThat(written("d0", ColumnType.TEXT))
                .as("the type was changed to text")
                .isEqualTo("1970-01-01");
        assertThat(written("d0", ColumnType.DATE)).isEqualTo("0");
    }
}
