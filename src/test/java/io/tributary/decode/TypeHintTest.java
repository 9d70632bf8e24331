package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Covers;
import io.tributary.Pure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the pipeline file spells a column's type, and what each means. */
@Pure
final class TypeHintTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            boolean              | boolean       | BOOLEAN
            int16                | int16         | INTEGER
            INT32                | int32         | INTEGER
            int64                | int64         | INTEGER
            float32              | float32       | FLOAT
            float64              | float64       | FLOAT
            decimal(10,2)        | decimal(10,2) | DECIMAL_EITHER
            decimal(10, 2)       | decimal(10,2) | DECIMAL_EITHER
            decimal(10,0)        | decimal(10,0) | DECIMAL_EITHER
            decimal(10,0) text   | decimal(10,0) | DECIMAL_TEXT
            decimal(10,0) base64 | decimal(10,0) | DECIMAL_BASE64
            decimal(10,2) Base64 | decimal(10,2) | DECIMAL_BASE64
            numeric              | text          | DECIMAL_STRUCT
            text                 | text          | ANY
            json                 | json          | ANY
            bytes                | bytes         | BASE64
            bytes hex            | bytes         | HEX
            date                 | date          | DAYS
            time                 | time          | MICROS
            time(ms)             | time          | MILLIS
            time(us)             | time          | MICROS
            time(ns)             | time          | NANOS
            timestamp            | timestamp     | MICROS
            timestamp(ms)        | timestamp     | MILLIS
            timestamp(us)        | timestamp     | MICROS
            timestamp(ns)        | timestamp     | NANOS
            timestamptz          | timestamptz   | TIME_TEXT
            bit(12)              | text          | BITS
            varbit               | text          | BITS
            text[]               | json          | ARRAY
            decimal(5,2)[][]     | json          | ARRAY
            """)
    @Covers(
            row = "schemas off",
            forms = {Covers.Form.PLAIN, Covers.Form.FLAT})
    void aTypeSaysHowTheValueArrives(String hint, String type, Form form) {
        LayoutColumn column = TypeHint.column("c", hint);
        assertThat(column.name()).isEqualTo("c");
        assertThat(column.type()).hasToString(type);
        assertThat(column.form()).isEqualTo(form);
        assertThatCode(() -> TypeHint.check(" " + hint + " ")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "money",
                "",
                "[]",
                "decimal",
                "decimal(10)",
                "decimal(39,2)",
                "decimal(2,3)",
                "decimal(10,2) hex",
                "time(s)",
                "timestamptz(ms)",
                "bit(x)",
                "bit",
                "bit(123456789)",
                "bytes base32",
                "money[]",
                "text [] x"
            })
    void whatIsNoTypeIsRefused(String hint) {
        assertThatThrownBy(() -> TypeHint.check(hint)).isInstanceOf(IllegalArgumentException.class);
    }
}
