package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
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
                    date          | DAYS           | -719162               | -719162
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
                    decimal(10,2) | DECIMAL_TEXT   | "12345678.9"          | 12345678.90
                    decimal(10,2) | DECIMAL_TEXT   | "-0.05"               | -0.05
                    decimal(10,2) | DECIMAL_TEXT   | "0"                   | 0.00
                    decimal(10,2) | DECIMAL_TEXT   | "9"                   | 9.00
                    decimal(10,2) | DECIMAL_TEXT   | "00.1"                | 0.10
                    decimal(10,2) | DECIMAL_TEXT   | "1."                  | 1.00
                    decimal(10,2) | DECIMAL_TEXT   | ".5"                  | 0.50
                    decimal(10,2) | DECIMAL_TEXT   | "0.00000000000000000000" | 0.00
                    decimal(10,0) | DECIMAL_TEXT   | "7"                   | 7
                    decimal(2,2)  | DECIMAL_TEXT   | "0.99"                | 0.99
                    decimal(10,2) | DECIMAL_TEXT   | {"scale":1,"value":"Cw=="} | 1.10
                    decimal(10,2) | DECIMAL_TEXT   | {"value":"Cw==","x":{"scale":9},"scale":1} | 1.10
                    decimal(38,0) | DECIMAL_TEXT   | "99999999999999999999999999999999999999" | 99999999999999999999999999999999999999
                    decimal(38,38)| DECIMAL_TEXT   | "-0.99999999999999999999999999999999999999" | -0.99999999999999999999999999999999999999
                    decimal(10,2) | DECIMAL_BASE64 | "bg=="                | 1.10
                    decimal(10,2) | DECIMAL_BASE64 | "/w=="                | -0.01
                    decimal(10,2) | DECIMAL_BASE64 | "AA=="                | 0.00
                    decimal(10,2) | DECIMAL_BASE64 | -1.1                  | -1.10
                    decimal(10,2) | DECIMAL_BASE64 | 1E+2                  | 100.00
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
                    date          | DAYS           | 2932896               | 2932896
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
                    date          | DAYS           | 2147483648            | cannot hold as date, got '2147483648'
                    date          | DAYS           | "yesterday"           | cannot hold as a time, got 'yesterday'
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
                    float64       | FLOAT          | "0x1p3"               | cannot hold as float64, got '0x1p3'
                    float64       | FLOAT          | "1f"                  | cannot hold as float64, got '1f'
                    float32       | FLOAT          | 1e39                  | cannot hold as float32, got '1e39'
                    decimal(10,2) | DECIMAL_TEXT   | ""                    | cannot hold as decimal(10,2), got ''
                    decimal(10,2) | DECIMAL_TEXT   | "12e"                 | cannot hold as decimal(10,2), got '12e'
                    decimal(10,2) | DECIMAL_TEXT   | {"scale":0}           | cannot hold as decimal(10,2), got '{"scale":0}'
                    decimal(10,2) | DECIMAL_BASE64 | "b"                   | cannot hold as bytes, got 'b'
                    decimal(10,2) | DECIMAL_BASE64 | ""                    | cannot hold as decimal(10,2), got ''
                    decimal(10,2) | DECIMAL_TEXT   | "-"                   | cannot hold as decimal(10,2), got '-'
                    decimal(10,2) | DECIMAL_TEXT   | "--1"                 | cannot hold as decimal(10,2), got '--1'
                    decimal(10,2) | DECIMAL_TEXT   | "1.2.3"               | cannot hold as decimal(10,2), got '1.2.3'
                    decimal(10,2) | DECIMAL_TEXT   | "1-2"                 | cannot hold as decimal(10,2), got '1-2'
                    decimal(10,2) | DECIMAL_TEXT   | "1E+150000"           | cannot hold as decimal(10,2), got '1E+150000'
                    decimal(10,2) | DECIMAL_TEXT   | {"scale":150001,"value":"Cw=="} | cannot hold as decimal(10,2), got '150001'
                    decimal(10,2) | DECIMAL_TEXT   | {"scale":1,"value":""} | cannot hold as decimal(10,2), got '{"scale":1,"value":""}'
                    bytes         | BASE64         | "a*b="                | cannot hold as bytes, got 'a*b='
                    bytes         | BASE64         | 7                     | cannot hold as bytes, got '7'
                    bytes         | HEX            | "0g"                  | cannot hold as bytes, got '0g'
                    text          | TEXT           | 1                     | cannot hold as text, got '1'
                    text          | BITS           | 1                     | cannot hold as bytes, got '1'
                    timestamptz   | TIME_TEXT      | 5                     | cannot hold as timestamptz, got '5'
                    time          | CLOCK_TEXT     | "24:61:01"            | cannot hold as a time, got '1970-01-01T24:61:01'
                    timestamp     | TIME_TEXT      | "+999999-13-01T00:00:00Z" | cannot hold as a time, got '+999999-13-01T00:00:00Z'
                    timestamp     | TIME_TEXT      | "soon"                | cannot hold as a time, got 'soon'
                    """)
    void aValueThatIsNoneOfItsTypeIsRejected(String type, Form form, String json, String message) {
        Throwable thrown = catchThrowable(() -> Decoding.value(column(type, form), json));
        assertThat(thrown).isInstanceOf(DecodeException.class).hasMessage(message);
        assertThat(((DecodeException) thrown).reason()).isEqualTo(Reason.VALUE);
    }

    /** Fine at the source, and more than the column's type holds: each with the text that is kept instead. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    date          | DAYS           | -622191234            | infinity
                    date          | DAYS           | -2147472692           | infinity
                    date          | DAYS           | -625821272            | -infinity
                    date          | DAYS           | -2147472691           | -infinity
                    date          | DAYS           | -719163               | 0001-12-31 BC
                    date          | DAYS           | -2440588              | 4714-11-24 BC
                    date          | DAYS           | 2932897               | 10000-01-01
                    date          | DAYS           | "infinity"            | infinity
                    date          | DAYS           | "-infinityZ"          | -infinity
                    timestamp     | MICROS         | 9223372036825200000   | infinity
                    timestamp     | MICROS         | -9223372036832400000  | -infinity
                    timestamp     | MILLIS         | 9223372036825200000   | infinity
                    timestamp     | MILLIS         | -9223372036832400000  | -infinity
                    timestamp     | NANOS          | 9223372036854775807   | infinity
                    timestamp     | NANOS          | -9223372036854775808  | -infinity
                    timestamp     | MILLIS         | -210866803200000      | 4714-11-24 00:00:00 BC
                    timestamp     | MICROS         | -62135596800000001    | 0001-12-31 23:59:59.999999 BC
                    timestamp     | MICROS         | 253402300800000000    | 10000-01-01 00:00:00
                    timestamp     | MICROS         | -9222426057709551617  | 294276-12-31 23:59:59.999999
                    timestamp     | MILLIS         | 9223372036854776      | 294247-01-10 04:00:54.776
                    timestamp     | NANOS          | 1001                  | 1970-01-01 00:00:00.000001001
                    time          | NANOS          | 1001                  | 00:00:00.000001001
                    timestamptz   | TIME_TEXT      | "infinity"            | infinity
                    timestamptz   | TIME_TEXT      | "-infinity"           | -infinity
                    timestamptz   | TIME_TEXT      | "-0043-03-15T00:00:00Z"  | 0044-03-15 00:00:00+00 BC
                    timestamptz   | TIME_TEXT      | "+10000-01-01T00:00:00Z" | 10000-01-01 00:00:00+00
                    timestamptz   | TIME_TEXT      | "+999999-01-01T00:00:00Z" | 999999-01-01 00:00:00+00
                    timestamp     | TIME_TEXT      | "-400000-12-31T23:59:59.5Z" | -400000-12-31 23:59:59.5
                    date          | DAYS           | "+999999-01-01Z"         | 999999-01-01
                    time          | MICROS         | 86400000001           | 24:00:00.000001
                    time          | MILLIS         | -3020399000           | -838:59:59
                    time          | MILLIS         | 9223372036854775807   | 2562047788015:12:55.807
                    time          | NANOS          | 90000000000001        | 25:00:00.000000001
                    time          | CLOCK_TEXT     | "00:00:01.000001001"  | 00:00:01.000001001
                    time          | CLOCK_TEXT     | "24:00:01"            | 24:00:01
                    time          | CLOCK_TEXT     | "-838:59:59.5Z"       | -838:59:59.5
                    time          | TIME_TEXT      | "25:30:00Z"           | 25:30:00
                    timestamptz   | TIME_TEXT      | "+294276-12-31T23:59:59.5Z" | 294276-12-31 23:59:59.5+00
                    timestamp     | TIME_TEXT      | "infinityZ"           | infinity
                    decimal(10,2) | DECIMAL_TEXT   | "1.101"               | 1.101
                    decimal(10,2) | DECIMAL_TEXT   | "123456789"           | 123456789
                    decimal(10,2) | DECIMAL_TEXT   | "-123456789.1"        | -123456789.1
                    decimal(10,2) | DECIMAL_TEXT   | "0.001"               | 0.001
                    decimal(10,2) | DECIMAL_TEXT   | "1E+8"                | 100000000
                    decimal(10,2) | DECIMAL_TEXT   | "1E-12"               | 0.000000000001
                    timestamp     | TIME_TEXT      | "+2147483648-12-31T23:59:59Z" | 2147483648-12-31 23:59:59
                    timestamp     | TIME_TEXT      | "+300000-01-01T24:00:00Z" | 300000-01-01 24:00:00
                    timestamp     | MILLIS         | 9223372036854775      | 294247-01-10 04:00:54.775
                    time          | MICROS         | -1                    | -00:00:00.000001
                    time          | NANOS          | -1000                 | -00:00:00.000001
                    time          | NANOS          | 86400000001000        | 24:00:00.000001
                    time          | CLOCK_TEXT     | "24:00:00.5"          | 24:00:00.5
                    decimal(10,2) | DECIMAL_TEXT   | "100000000"           | 100000000
                    decimal(10,2) | DECIMAL_TEXT   | "1E-3"                | 0.001
                    decimal(2,1)  | DECIMAL_TEXT   | "1E+20"               | 100000000000000000000
                    decimal(10,2) | DECIMAL_TEXT   | "NAN"                 | NaN
                    decimal(10,2) | DECIMAL_TEXT   | "NaN"                 | NaN
                    decimal(10,2) | DECIMAL_TEXT   | "POSITIVE_INFINITY"   | Infinity
                    decimal(10,2) | DECIMAL_TEXT   | "NEGATIVE_INFINITY"   | -Infinity
                    decimal(10,2) | DECIMAL_TEXT   | "+Infinity"           | Infinity
                    decimal(10,2) | DECIMAL_BASE64 | "AlQL5AA="            | 100000000.00
                    """)
    void aValueThatItsTypeCannotHoldIsOutOfRange(String type, Form form, String json, String text) {
        Throwable thrown = catchThrowable(() -> Decoding.value(column(type, form), json));
        assertThat(thrown).isInstanceOf(OutOfRangeException.class).hasMessageStartingWith("cannot hold as ");
        assertThat(((OutOfRangeException) thrown).reason()).isEqualTo(Reason.OUT_OF_RANGE);
        assertThat(((OutOfRangeException) thrown).text()).isEqualTo(text);
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

    /** A decimal as it nearly always comes is read without an object: it is in most rows of most tables. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "7", "-7", "12345678", "0.5", "-0.05", "1.10", "12345678.99", "-12345678.9", "1"})
    void aPlainDecimalCostsNoMemory(String digits) {
        LayoutColumn column = column("decimal(10,2)", Form.DECIMAL_TEXT);
        DecimalReader decimals = new DecimalReader();
        JsonScanner json = new JsonScanner();
        byte[] bytes = ('"' + digits + '"').getBytes(StandardCharsets.UTF_8);
        RowWriter rows = new RowWriter();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) { // the first times classes are loaded
            rows.reset();
            rows.begin(1);
            json.open(bytes, 0, bytes.length);
            long before = threads.getCurrentThreadAllocatedBytes();
            decimals.read(json, column, rows);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            rows.end();
        }
        assertThat(least).isZero();
        assertThat(Decoding.value(column, '"' + digits + '"')).isEqualTo(new BigDecimal(digits).setScale(2));
    }

    /** As large as PostgreSQL's numbers are, and one more. */
    @Test
    void digitsHaveBounds() {
        LayoutColumn text = LayoutColumn.digits("c", Form.DECIMAL_TEXT, 0);
        String most = "1".repeat(150_000);
        assertThat(Decoding.value(text, '"' + most + '"')).isEqualTo(most);
        assertThat(catchThrowable(() -> Decoding.value(text, '"' + most + "1\"")))
                .isInstanceOf(DecodeException.class);
        LayoutColumn decimal = column("decimal(38,0)", Form.DECIMAL_TEXT);
        String zeros = "0".repeat(999);
        assertThat(Decoding.value(decimal, '"' + zeros + "7\"")).isEqualTo(new BigDecimal(7));
        assertThat(catchThrowable(() -> Decoding.value(decimal, '"' + zeros + "07\"")))
                .isInstanceOf(DecodeException.class);
        LayoutColumn base64 = LayoutColumn.digits("c", Form.DECIMAL_BASE64, 0);
        byte[] large = new byte[75_001];
        large[1] = 1;
        assertThat(catchThrowable(() -> Decoding.value(base64, quoted(large)))).isInstanceOf(DecodeException.class);
        byte[] largest = Arrays.copyOf(new byte[] {0, 7}, 2);
        assertThat(Decoding.value(base64, quoted(largest))).isEqualTo("7");
        assertThat(Decoding.value(text, "{\"scale\":-149999,\"value\":\"Bw==\"}"))
                .isEqualTo("7" + "0".repeat(149_999));
        assertThat(catchThrowable(() -> Decoding.value(text, "{\"scale\":-150000,\"value\":\"Bw==\"}")))
                .isInstanceOf(DecodeException.class);
        byte[] struct = new byte[75_001];
        assertThat(catchThrowable(() -> Decoding.value(text, "{\"scale\":0,\"value\":" + quoted(struct) + "}")))
                .isInstanceOf(DecodeException.class);
        assertThat(Decoding.value(text, "{\"scale\":0,\"value\":" + quoted(new byte[75_000]) + "}"))
                .isEqualTo("0");
        assertThat(Decoding.value(base64, quoted(new byte[75_000]))).isEqualTo("0");
    }

    private static String quoted(byte[] bytes) {
        return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    }

    /** numeric(5,-2) has 2,046 zeros behind the point, of which PostgreSQL would not know. */
    @Test
    void zerosFarBehindThePointAreNotKept() {
        LayoutColumn text = LayoutColumn.digits("c", Form.DECIMAL_TEXT, 0);
        assertThat(Decoding.value(text, "\"12300." + "0".repeat(999) + '"')).isEqualTo("12300." + "0".repeat(999));
        assertThat(Decoding.value(text, "\"12300." + "0".repeat(1000) + '"')).isEqualTo("12300");
        assertThat(Decoding.value(text, "\"12300.5" + "0".repeat(1000) + '"')).isEqualTo("12300.5");
        assertThat(Decoding.value(text, "{\"scale\":1000,\"value\":\"AA==\"}")).isEqualTo("0." + "0".repeat(1000));
        assertThat(Decoding.value(text, "{\"scale\":1001,\"value\":\"AA==\"}")).isEqualTo("0");
    }

    @Test
    void textsOfArraysAndOfUnknownTypesAreRead() {
        LayoutColumn array = LayoutColumn.array("c", column("int32", Form.INTEGER));
        assertThat(Decoding.value(array, "\"[1, 2]\"")).isEqualTo("[1, 2]");
        LayoutColumn unknown = column("text", Form.BASE64_TEXT);
        assertThat(Decoding.value(unknown, '"' + Placeholders.DEFAULT + '"')).isEqualTo(Decoding.UNSENT);
        assertThat(Decoding.value(unknown, quoted("a b".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("a b");
    }
}
