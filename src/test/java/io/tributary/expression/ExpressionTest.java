package io.tributary.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class ExpressionTest {
    private static final TableSchema SCHEMA = new TableSchema(
            "cdc.s.t",
            new TableName("s", "t"),
            List.of(
                    new Column("id", ColumnType.INT64),
                    new Column("amount", ColumnType.decimal(10, 2)),
                    new Column("big", ColumnType.decimal(38, 10)),
                    new Column("small", ColumnType.INT16),
                    new Column("f", ColumnType.FLOAT32),
                    new Column("g", ColumnType.FLOAT64),
                    new Column("s", ColumnType.TEXT),
                    new Column("j", ColumnType.JSON),
                    new Column("ok", ColumnType.BOOLEAN),
                    new Column("born", ColumnType.DATE),
                    new Column("at", ColumnType.TIMESTAMPTZ),
                    new Column("day", ColumnType.TIME),
                    new Column("Order No", ColumnType.INT32),
                    new Column("in", ColumnType.INT32),
                    new Column("none", ColumnType.INT32)),
            List.of(0));

    private static byte[] row(@Nullable Object... values) throws ExpressionException {
        RowWriter writer = new RowWriter();
        writer.begin(values.length);
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value == null) {
                writer.writeNull(i);
            } else {
                Values.write(writer, value, SCHEMA.columns().get(i).type());
            }
        }
        int length = writer.end();
        return java.util.Arrays.copyOf(writer.buffer(), length);
    }

    private static byte[] full() throws ExpressionException {
        return row(
                7L,
                new Decimals.Decimal(new BigDecimal("10.10")),
                new Decimals.Decimal(new BigDecimal("12345678901234567890.5")),
                -3L,
                0.1,
                2.5,
                "Straße",
                "{\"a\":1}",
                true,
                Instant.parse("2000-02-29T00:00:00Z"),
                Instant.parse("1969-12-31T23:59:59.999999Z"),
                Duration.ofHours(24),
                42L,
                1L,
                null);
    }

    private static byte[] nulls() throws ExpressionException {
        @Nullable Object[] values = new @Nullable Object[SCHEMA.columns().size()];
        values[0] = 7L;
        return row(values);
    }

    private static @Nullable Object value(String text, ColumnType type, byte[] row) throws ExpressionException {
        BoundExpression bound = Expression.parse(text).bind(SCHEMA);
        RowWriter writer = new RowWriter();
        writer.begin(1);
        bound.write(row, 0, writer, 0, type);
        int unused = writer.end();
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {type}, writer.buffer(), writer.start());
        return reader.next() ? reader.value() : null;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "amount > 10",
                "amount > 10.09",
                "amount == decimal('10.1')",
                "amount != decimal('10.11')",
                "amount * 3 == decimal('30.3')",
                "big + amount > decimal('12345678901234567900')",
                "big == decimal('12345678901234567890.5')",
                "decimal(1) / 3 < 0.3334 && decimal(1) / 3 > 0.3333",
                "-amount < 0",
                "int(amount) == 10 && double(amount) == 10.1 && string(amount) == '10.1'",
                "decimal(0.1) + decimal(0.2) == decimal('0.3')",
                "small + 3 == 0",
                "f == 0.1",
                "g * 2.0 == 5.0",
                "s.size() == 6 && s.startsWith('Str') && s.matches('^Stra.e$')",
                "s.substring(0, 3).upperAscii() == 'STR'",
                "j == '{\"a\":1}'",
                "ok && !(id < 0)",
                "born < timestamp('2001-01-01T00:00:00Z') && born.getFullYear() == 2000 && born.getDate() == 29",
                "at < timestamp('1970-01-01T00:00:00Z')",
                "at + duration('1s') > timestamp('1970-01-01T00:00:00Z')",
                "day == duration('24h')",
                "row['Order No'] == 42 && row['in'] == 1",
                "s in ['Straße', 'x']",
                "none == null && none != 1",
                "`none > 1 || id == 7`",
                "!(none > 1 && id == 8)",
                "has(row.s) && row.s == s",
                "[1, 2, 3].exists(n, n == small + 4)",
                "math.greatest(id, 5) == 7",
            })
    void isTrue(String text) throws Exception {
        assertThat(Expression.parse(text).bind(SCHEMA).isTrue(full(), 0)).isTrue();
    }

    /** What SQL does not know, a condition does not let pass, and a rule does. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "amount > 10",
                "!(amount > 10)",
                "`amount * 2 < 3 || id == 8`",
                "s.startsWith('a')",
                "at > timestamp('2000-01-01T00:00:00Z')",
                "ok",
                "!ok",
                "day < duration('1h')",
                "row['Order No'] > 1",
            })
    void isNotKnownOfNull(String text) throws Exception {
        BoundExpression bound = Expression.parse(text).bind(SCHEMA);
        assertThat(bound.condition(nulls(), 0)).isNull();
        assertThat(bound.isTrue(nulls(), 0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "amount * 0.92 | decimal(12,2) | 9.29",
                "amount * 0.925 | decimal(12,3) | 9.343",
                "-amount / 8 | decimal(12,2) | -1.26",
                "amount / 3 | decimal(38,20) | 3.36666666666666666667",
                "id * 2 | int16 | 14",
                "id | decimal(5,2) | 7.00",
                "g | decimal(5,2) | 2.50",
                "s + '!' | text | Straße!",
                "ok ? 'yes' : 'no' | text | yes",
                "at | date | -1",
                "born | timestamp | 951782400000000",
                "born + duration('36h') | date | 11017",
                "at | timestamptz | -1",
                "duration('90m') | time | 5400000000",
                "row.s | text | Straße",
                "id | float64 | 7.0",
            })
    void isWrittenAsItsColumnHoldsIt(String text, String type, String written) throws Exception {
        assertThat(value(text, ColumnType.parse(type), full())).hasToString(written);
        assertThat(value("none > 0 ? none : none", ColumnType.INT64, full())).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "id * 10000 | int16 | does not hold",
                "amount * 1000000000 | decimal(10,2) | does not hold",
                "s | int32 | it gives a string, and the column is int32",
                "id | text | it gives a int, and the column is text",
                "g / 0.0 | decimal(5,2) | Infinity",
                "id / 0 | int64 | zero",
                "int(s) | int64 | For input string",
                "100 / (id - 7) > 3 && none > 1 ? 1 : 2 | int64 | zero",
                "row['Amuont'] > 10 ? 1 : 2 | int64 | Amuont",
                "duration('25h') | time | between 0 s and 24 h",
                "decimal('1e9999') | decimal(5,2) | at most 1000 digits",
                "decimal('1e900') * decimal('1e900') | decimal(5,2) | at most 1000 digits",
                "amount / 0 | decimal(5,2) | zero",
                "id * 9223372036854775807 | int64 | overflow",
            })
    void hasNoValue(String text, String type, String reason) {
        assertThatThrownBy(() -> value(text, ColumnType.parse(type), full()))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nope > 1 | undeclared reference to 'nope'",
                "id > 'a' | no matching overload for '_>_' applied to '(wrapper(int), string)'",
                "amount == 10 | no matching overload for '_==_' applied to '(decimal, int)'",
                "s + 1 | no matching overload",
            })
    void doesNotSuitTheColumns(String text, String reason) {
        Expression expression = Expression.parse(text);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> expression.bind(SCHEMA))
                    .isInstanceOf(ExpressionException.class)
                    .hasMessageContaining(reason)
                    .hasMessageStartingWith("at character ")
                    .hasMessageNotContaining("candidates");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"id > | at character 5: ", "'a | at character 1: ", "a b | at character 3: "})
    void isNone(String text, String reason) {
        assertThatThrownBy(() -> Expression.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(reason)
                .hasMessageNotContaining("\n");
    }

    @Test
    void tellsTheTypeOfItsColumn() throws Exception {
        assertThat(Expression.parse("id + 1").bind(SCHEMA).type()).isEqualTo(ColumnType.INT64);
        assertThat(Expression.parse("s").bind(SCHEMA).type()).isEqualTo(ColumnType.TEXT);
        assertThat(Expression.parse("at").bind(SCHEMA).type()).isEqualTo(ColumnType.TIMESTAMPTZ);
        assertThat(Expression.parse("amount * 2").bind(SCHEMA).type()).isNull();
        assertThat(Expression.parse("row.s").bind(SCHEMA).type()).isNull();
    }

    @Test
    void travelsToTheTasks() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Expression used = Expression.parse("id == 7");
        assertThat(used.bind(SCHEMA).isTrue(full(), 0)).isTrue();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(used);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            Expression there = (Expression) in.readObject();
            assertThat(there.bind(SCHEMA).isTrue(full(), 0)).isTrue();
        }
    }
}
