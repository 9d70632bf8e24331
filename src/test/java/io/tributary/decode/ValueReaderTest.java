package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.change.ColumnType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ValueReaderTest {
    private static LayoutColumn column(String type, Form form) {
        return new LayoutColumn("c", ColumnType.parse(type), form);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    int16         | INTEGER        | -32768                | -32768
                    int16         | INTEGER        | 32767                 | 32767
                    int32         | INTEGER        | -2147483648           | -2147483648
                    int64         | INTEGER        | 9223372036854775807   | 9223372036854775807
                    int64         | INTEGER        | -9223372036854775808  | -9223372036854775808
                    date          | INTEGER        | -719528               | -719528
                    boolean       | BOOLEAN        | true                  | true
                    boolean       | BOOLEAN        | false                 | false
                    float64       | FLOAT          | 0.1                   | 0.1
                    float64       | FLOAT          | -0.0                  | -0.0
                    float64       | FLOAT          | 5                     | 5.0
                    float64       | FLOAT          | 4.9E-324              | 4.9E-324
                    float64       | FLOAT          | "NaN"                 | NaN
                    float64       | FLOAT          | "NAN"                 | NaN
                    float64       | FLOAT          | "Infinity"            | Infinity
                    float64       | FLOAT          | "POSITIVE_INFINITY"   | Infinity
                    float64       | FLOAT          | "-Infinity"           | -Infinity
                    float64       | FLOAT          | "NEGATIVE_INFINITY"   | -Infinity
                    float32       | FLOAT          | "NaN"                 | NaN
                    float32       | FLOAT          | -0.0                  | -0.0
                    float32       | FLOAT          | 3.4028235E38          | 3.4028235E38
                    float32       | FLOAT          | 1.00000017881393432617187499 | 1.0000001
                    decimal(10,2) | DECIMAL_TEXT   | "1.10"                | 1.10
                    decimal(10,2) | DECIMAL_TEXT   | "1.1"                 | 1.10
                    decimal(10,2) | DECIMAL_TEXT   | "1.1000"              | 1.10
                    decimal(10,2) | DECIMAL_TEXT   | 1.1                   | 1.10
                    decimal(10,2) | DECIMAL_TEXT   | "-99999999.99"        | -99999999.99
                    decimal(10,2) | DECIMAL_TEXT   | "1E+2"                | 100.00
                    decimal(10,2) | DECIMAL_TEXT   | "0E+400"              | 0.00
                    decimal(10,2) | DECIMAL_TEXT   | "0E-400"              | 0.00
                    decimal(38,0) | DECIMAL_TEXT   | "99999999999999999999999999999999999999" | 99999999999999999999999999999999999999
                    decimal(38,38)| DECIMAL_TEXT   | "-0.99999999999999999999999999999999999999" | -0.99999999999999999999999999999999999999
                    decimal(10,2) | DECIMAL_BASE64 | "bg=="                | 1.10
                    decimal(10,2) | DECIMAL_BASE64 | "/w=="                | -0.01
                    decimal(10,2) | DECIMAL_BASE64 | "AA=="                | 0.00
                    text          | TEXT           | "å\\u0000\\n"         | `å\\0\\n`
                    text          | TEXT           | ""                    | ``
                    json          | ANY            | {"b": [1, 2.50]}      | {"b": [1, 2.50]}
                    json          | ANY            | "null"                | null
                    json          | ANY            | "x"                   | x
                    json          | ANY            | 1e400                 | 1e400
                    json          | ANY            | true                  | true
                    time          | MILLIS         | 86400000              | 86400000000
                    time          | MICROS         | 86400000000           | 86400000000
                    time          | NANOS          | 86400000000000        | 86400000000
                    timestamp     | MILLIS         | -210866803200000      | -210866803200000000
                    timestamp     | MICROS         | 9223339708799999999   | 9223339708799999999
                    date          | INTEGER        | -2440588              | -2440588
                    timestamp     | NANOS          | -1000                 | -1
                    timestamptz   | TIME_TEXT      | "1970-01-01T00:00:00.000001Z" | 1
                    """)
    void aValueIsHeldExactly(String type, Form form, String json, String text) {
        String expected = text.replace("\\0", "\0").replace("\\n", "\n");
        Object value = Decoding.value(column(type, form), json);
        assertThat(value instanceof BigDecimal decimal ? decimal.toPlainString() : String.valueOf(value))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    int16         | INTEGER        | 32768                 | cannot hold as int16, got '32768'
                    int16         | INTEGER        | -32769                | cannot hold as int16, got '-32769'
                    int32         | INTEGER        | 2147483648            | cannot hold as int32, got '2147483648'
                    timestamp     | MICROS         | 9223372036825200000   | cannot hold as timestamp, got '9223372036825200000'
                    timestamp     | MICROS         | -9223372036832400000  | cannot hold as timestamp, got '-9223372036832400000'
                    date          | INTEGER        | -622191234            | cannot hold as date, got '-622191234'
                    date          | INTEGER        | -2147472691           | cannot hold as date, got '-2147472691'
                    time          | MICROS         | 86400000001           | cannot hold as time, got '86400000001'
                    int64         | INTEGER        | 9223372036854775808   | cannot hold as int64, got '9223372036854775808'
                    int64         | INTEGER        | 1.0                   | cannot hold as int64, got '1.0'
                    int64         | INTEGER        | "1"                   | cannot hold as int64, got '"1"'
                    int64         | INTEGER        | [1]                   | cannot hold as int64, got '[1]'
                    int64         | INTEGER        | true                  | cannot hold as int64, got 'true'
                    boolean       | BOOLEAN        | 1                     | cannot hold as boolean, got '1'
                    boolean       | BOOLEAN        | "true"                | cannot hold as boolean, got '"true"'
                    float64       | FLOAT          | "x"                   | cannot hold as float64, got 'x'
                    float64       | FLOAT          | {}                    | cannot hold as float64, got '{}'
                    float64       | FLOAT          | 1e400                 | cannot hold as float64, got '1e400'
                    float32       | FLOAT          | 1e39                  | cannot hold as float32, got '1e39'
                    decimal(10,2) | DECIMAL_TEXT   | "1.101"               | cannot hold as decimal(10,2), got '1.101'
                    decimal(10,2) | DECIMAL_TEXT   | "100000000"           | cannot hold as decimal(10,2), got '100000000'
                    decimal(10,2) | DECIMAL_TEXT   | "1E-3"                | cannot hold as decimal(10,2), got '0.001'
                    decimal(10,2) | DECIMAL_TEXT   | "1E+400"              | cannot hold as decimal(10,2), got '1E+400'
                    decimal(10,2) | DECIMAL_TEXT   | "1E-400"              | cannot hold as decimal(10,2), got '1E-400'
                    decimal(10,2) | DECIMAL_TEXT   | "NAN"                 | cannot hold as decimal(10,2), got 'NAN'
                    decimal(10,2) | DECIMAL_TEXT   | "POSITIVE_INFINITY"   | cannot hold as decimal(10,2), got 'POSITIVE_INFINITY'
                    decimal(10,2) | DECIMAL_TEXT   | ""                    | cannot hold as decimal(10,2), got ''
                    decimal(10,2) | DECIMAL_TEXT   | {"scale":0}           | cannot hold as decimal(10,2), got '{"scale":0}'
                    decimal(10,2) | DECIMAL_BASE64 | "AlQL5AA="            | cannot hold as decimal(10,2), got '100000000.00'
                    decimal(10,2) | DECIMAL_BASE64 | "b"                   | cannot hold as bytes, got 'b'
                    decimal(10,2) | DECIMAL_BASE64 | 1.10                  | cannot hold as bytes, got '1.10'
                    bytes         | BASE64         | "__debezium"          | cannot hold as bytes, got '__debezium'
                    text          | TEXT           | 1                     | cannot hold as text, got '1'
                    time          | NANOS          | 1001                  | cannot hold as time, got '1001 ns'
                    timestamp     | MILLIS         | 9223372036854776      | cannot hold as timestamp, got '9223372036854776'
                    timestamptz   | TIME_TEXT      | "infinity"            | cannot hold as a time, got 'infinity'
                    timestamptz   | TIME_TEXT      | 5                     | cannot hold as timestamptz, got '5'
                    """)
    void aValueThatCannotBeHeldIsRejected(String type, Form form, String json, String message) {
        Throwable thrown = catchThrowable(() -> Decoding.value(column(type, form), json));
        assertThat(thrown).isInstanceOf(DecodeException.class).hasMessage(message);
        assertThat(((DecodeException) thrown).reason()).isEqualTo(Reason.VALUE);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void nullIsNullInEveryForm(Form form) {
        assertThat(Decoding.value(column("text", form), " null ")).isNull();
    }

    @Test
    void bytesAreBase64() {
        assertThat(Decoding.value(column("bytes", Form.BASE64), "\"AP8=\"")).isEqualTo(new byte[] {0, -1});
        assertThat(Decoding.value(column("bytes", Form.BASE64), "\"\"")).isEqualTo(new byte[0]);
    }

    @Property(tries = 500)
    void aDecimalIsTheSameAsTextAndAsBase64(
            @ForAll
                    @BigRange(
                            min = "-99999999999999999999999999999999999999",
                            max = "99999999999999999999999999999999999999")
                    BigInteger unscaled) {
        BigDecimal value = new BigDecimal(unscaled, 7);
        String base64 = Base64.getEncoder().encodeToString(unscaled.toByteArray());
        assertThat(Decoding.value(column("decimal(38,7)", Form.DECIMAL_BASE64), '"' + base64 + '"'))
                .isEqualTo(value);
        assertThat(Decoding.value(column("decimal(38,7)", Form.DECIMAL_TEXT), '"' + value.toString() + '"'))
                .isEqualTo(value);
        assertThat(Decoding.value(column("decimal(38,7)", Form.DECIMAL_TEXT), value.toPlainString()))
                .isEqualTo(value);
    }

    @Property(tries = 500)
    void aDoubleIsReadAsJavaWritesIt(@ForAll double value) {
        assertThat(Decoding.value(column("float64", Form.FLOAT), Double.toString(value)))
                .isEqualTo(value);
    }

    @Property(tries = 500)
    void aFloatIsReadAsJavaWritesIt(@ForAll float value) {
        assertThat(Decoding.value(column("float32", Form.FLOAT), Float.toString(value)))
                .isEqualTo(value);
    }
}
