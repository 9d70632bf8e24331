package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.Form;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Column;
import io.tributary.change.ValueText;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each type of the catalogue from the event to the row: behind its schema block, and with the pipeline file's type. */
@Pure
final class TypesTest {
    private static final String DECIMAL = "org.apache.kafka.connect.data.Decimal";
    private static final String POINT = "{\"x\":\"NaN\",\"y\":-2.25,\"wkb\":\"AQEAAA==\",\"srid\":null}";

    /** A field {@code c} of a schema block. */
    private static String field(String connect, String semantic, String... parameters) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < parameters.length; i += 2) {
            all.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(parameters[i])
                    .append("\":\"")
                    .append(parameters[i + 1])
                    .append('"');
        }
        return "{\"type\":\"" + connect + "\",\"optional\":true,"
                + (semantic.isEmpty() ? "" : "\"name\":\"" + semantic + "\",\"version\":1,")
                + (parameters.length == 0 ? "" : "\"parameters\":{" + all + "},") + "\"field\":\"c\"}";
    }

    /** A field whose type at the source is propagated. */
    private static String of(String connect, String sourceType, String... length) {
        String[] parameters = new String[2 + length.length];
        parameters[0] = "__debezium.source.column.type";
        parameters[1] = sourceType;
        for (int i = 0; i < length.length; i++) {
            parameters[2 + i] = length[i].equals("length") || length[i].equals("scale")
                    ? "__debezium.source.column." + length[i]
                    : length[i];
        }
        return field(connect, "", parameters);
    }

    private static String array(String items) {
        return "{\"type\":\"array\",\"items\":" + items.replace(",\"field\":\"c\"", "")
                + ",\"optional\":true,\"field\":\"c\"}";
    }

    /** Type and value behind a schema block: the same in an envelope and alone. */
    private static String block(String field, String json) {
        return block(Map.of(), field, json);
    }

    private static String block(Map<String, TableSettings> settings, String field, String json) {
        String row = "{\"c\":" + json + "}";
        String inEnvelope = shown(new Decoding(settings), Decoding.wrapped(Decoding.insert(row), field));
        assertThat(shown(new Decoding(settings), Decoding.wrappedRow(row, field)))
                .isEqualTo(inEnvelope);
        return inEnvelope;
    }

    /** Type and value without a schema block, of a column that has this type in the pipeline file. */
    private static String typed(String type, String json) {
        return plain(Map.of("c", type), json);
    }

    private static String untyped(String json) {
        return plain(Map.of(), json);
    }

    private static String plain(Map<String, String> types, String json) {
        TableSettings settings = Decoding.settings(List.of(), types, 1);
        String row = "{\"c\":" + json + "}";
        String inEnvelope = shown(Decoding.of(settings), Decoding.insert(row));
        assertThat(shown(Decoding.of(settings), row)).isEqualTo(inEnvelope);
        return inEnvelope;
    }

    private static String shown(Decoding decoding, String value) {
        String outcome = decoding.outcome(null, value);
        if (!outcome.equals("CHANGE")) {
            return outcome;
        }
        Column column = decoding.change.requireSchema().columns().get(0);
        @Nullable Object held = decoding.after().get("c");
        return column.type() + " " + ValueText.of(column.type(), held);
    }

    private static TableSettings policy(OutOfRange policy, Map<String, String> types) {
        return new TableSettings(List.of(), types, 1, policy, Map.of(), false);
    }

    // ---- numbers

    @Test
    @Covers(row = "numeric(p,s)")
    void aNumericIsExactInEveryMode() {
        String precise = field("bytes", DECIMAL, "scale", "2", "connect.decimal.precision", "10");
        assertThat(block(precise, "\"bg==\"")).isEqualTo("decimal(10,2) 1.10");
        assertThat(block(precise, "\"/zg=\"")).isEqualTo("decimal(10,2) -2.00");
        assertThat(block(field("bytes", DECIMAL, "scale", "5", "connect.decimal.precision", "3"), "\"ew==\""))
                .as("numeric(3,5)")
                .isEqualTo("decimal(5,5) 0.00123");
        assertThat(block(
                        field("bytes", DECIMAL, "scale", "10", "connect.decimal.precision", "38"),
                        "\"CUmw9vACMxPESZBOzGdFFQ==\""))
                .isEqualTo("decimal(38,10) 1234567890123456789012345678.0123456789");
        assertThat(block(field("bytes", DECIMAL, "scale", "2", "connect.decimal.precision", "40"), "\"bg==\""))
                .as("no decimal is as wide: digits")
                .isEqualTo("text 1.10");
        assertThat(block(of("string", "NUMERIC", "length", "10", "scale", "2"), "\"1.10\""))
                .isEqualTo("decimal(10,2) 1.10");
        assertThat(block(of("string", "NUMERIC", "length", "40", "scale", "2"), "\"1.10\""))
                .isEqualTo("text 1.10");
        assertThat(block(field("double", ""), "1.1")).isEqualTo("float64 1.1");
        assertThat(typed("decimal(10,2)", "\"bg==\"")).isEqualTo("decimal(10,2) 1.10");
        assertThat(typed("decimal(10,2)", "\"1.10\"")).isEqualTo("decimal(10,2) 1.10");
        assertThat(typed("decimal(10,2)", "1.1")).isEqualTo("decimal(10,2) 1.10");
        assertThat(typed("decimal(9,0) base64", "\"O5rJ/w==\"")).isEqualTo("decimal(9,0) 999999999");
        assertThat(typed("decimal(9,0) text", "\"1234\"")).isEqualTo("decimal(9,0) 1234");
    }

    @Test
    @Covers(row = "numeric(p,s)")
    void aNumberIsNeverTakenForBase64() {
        assertThat(typed("decimal(10,2)", "1234")).isEqualTo("decimal(10,2) 1234.00");
    }

    @Test
    @Covers(
            row = "numeric(p,s)",
            forms = {Form.PLAIN, Form.FLAT},
            how = How.POLICY)
    @Covers(
            row = "schemas off",
            forms = {Form.PLAIN, Form.FLAT},
            how = How.POLICY)
    void base64IsNotGuessedWhereNothingSaysWhatItIs() {
        assertThat(untyped("\"bg==\"")).isEqualTo("any bg==");
    }

    @Test
    @Covers(row = "numeric")
    void aNumericOfAnyScaleIsItsDigits() {
        String precise = field("struct", "io.debezium.data.VariableScaleDecimal");
        assertThat(block(precise, "{\"scale\":0,\"value\":\"ZA==\"}")).isEqualTo("text 100");
        assertThat(block(precise, "{\"value\":\"Cw==\",\"scale\":1}")).isEqualTo("text 1.1");
        assertThat(block(precise, "{\"scale\":2,\"value\":\"bg==\"}")).isEqualTo("text 1.10");
        assertThat(block(precise, "{\"scale\":-2,\"value\":\"Ew==\"}")).isEqualTo("text 1900");
        assertThat(block(precise, "{\"scale\":1}"))
                .isEqualTo("REJECTED value: column 'c': cannot hold as text, got '{\"scale\":1}'");
        assertThat(block(of("string", "NUMERIC", "length", "131089", "scale", "0"), "\"1.10\""))
                .isEqualTo("text 1.10");
        assertThat(block(of("string", "NUMERIC", "length", "0"), "\"1.10\"")).isEqualTo("text 1.10");
        assertThat(typed("numeric", "{\"scale\":1,\"value\":\"Cw==\"}")).isEqualTo("text 1.1");
        assertThat(typed("numeric", "\"1.10\"")).isEqualTo("text 1.10");
        assertThat(typed("numeric", "1e3")).isEqualTo("text 1000");
    }

    @Test
    @Covers(
            row = "numeric",
            forms = {Form.SCHEMA, Form.FLAT},
            how = How.POLICY)
    void whatArrivesAsTextIsTheNumberThatTheFileSays() {
        Map<String, TableSettings> file = Map.of("public.t", policy(OutOfRange.TEXT, Map.of("c", "decimal(38,4)")));
        String struct = field("struct", "io.debezium.data.VariableScaleDecimal");
        String digits = of("string", "NUMERIC", "length", "0");
        String wide = field("bytes", DECIMAL, "scale", "2", "connect.decimal.precision", "40");

        assertThat(block(file, struct, "{\"scale\":1,\"value\":\"Cw==\"}")).isEqualTo("decimal(38,4) 1.1000");
        assertThat(block(file, digits, "\"1.10\"")).isEqualTo("decimal(38,4) 1.1000");
        assertThat(block(file, wide, "\"bg==\"")).as("its own scale").isEqualTo("decimal(38,4) 1.1000");
        assertThat(block(file, field("string", ""), "\"-7\""))
                .as("no source type")
                .isEqualTo("decimal(38,4) -7.0000");
        assertThat(block(file, digits, "\"1.00001\"")).as("not rounded").isEqualTo("text 1.00001");
        assertThat(block(file, digits, "\"NAN\"")).isEqualTo("text NaN");
        assertThat(block(file, digits, "null")).isEqualTo("decimal(38,4) null");
        assertThat(block(file, digits, "\"x\""))
                .isEqualTo("REJECTED value: column 'c': cannot hold as decimal(38,4), got 'x'");
        assertThat(block(file, of("string", "NUMERIC", "length", "10", "scale", "2"), "\"1.10\""))
                .as("what the block says is definite")
                .isEqualTo("decimal(10,2) 1.10");
        assertThat(block(file, field("int32", ""), "7")).isEqualTo("int32 7");
    }

    @Test
    @Covers(
            row = "numeric(5,-2)",
            forms = {Form.SCHEMA, Form.FLAT})
    void aNegativeScaleThatArrivesAs2046IsUndone() {
        BigInteger unscaled = new BigInteger("1234600").multiply(BigInteger.TEN.pow(2046));
        String base64 = Base64.getEncoder().encodeToString(unscaled.toByteArray());
        assertThat(block(
                        field("bytes", DECIMAL, "scale", "2046", "connect.decimal.precision", "5"), '"' + base64 + '"'))
                .isEqualTo("text 1234600");
        assertThat(block(
                        of("string", "NUMERIC", "length", "5", "scale", "2046"),
                        "\"1234600." + "0".repeat(2046) + "\""))
                .isEqualTo("text 1234600");
    }

    @Test
    @Covers(row = "numeric NaN", how = How.POLICY)
    void aNumericThatIsNoNumberFollowsThePolicy() {
        String decimal = of("string", "NUMERIC", "length", "10", "scale", "2");
        for (String spelling : List.of("NAN", "NaN")) {
            assertThat(block(decimal, '"' + spelling + '"')).isEqualTo("text NaN");
        }
        assertThat(block(decimal, "\"POSITIVE_INFINITY\"")).isEqualTo("text Infinity");
        assertThat(block(decimal, "\"NEGATIVE_INFINITY\"")).isEqualTo("text -Infinity");
        assertThat(block(Map.of("public.t", policy(OutOfRange.NULL, Map.of())), decimal, "\"NAN\""))
                .isEqualTo("decimal(10,2) null");
        assertThat(block(Map.of("public.t", policy(OutOfRange.REJECT, Map.of())), decimal, "\"NAN\""))
                .isEqualTo("REJECTED out-of-range: column 'c': cannot hold as decimal(10,2), got 'NaN'");
        assertThat(typed("decimal(10,2)", "\"NEGATIVE_INFINITY\"")).isEqualTo("text -Infinity");
    }

    @Test
    @Covers(row = "numeric NaN")
    void digitsMayBeNaN() {
        String any = of("string", "NUMERIC", "length", "131089", "scale", "0");
        assertThat(block(any, "\"NAN\"")).isEqualTo("text NaN");
        assertThat(typed("numeric", "\"POSITIVE_INFINITY\"")).isEqualTo("text Infinity");
        assertThat(block(field("double", ""), "\"NaN\"")).isEqualTo("float64 NaN");
    }

    @ParameterizedTest
    @CsvSource({"\"NaN\",NaN", "\"Infinity\",Infinity", "\"-Infinity\",-Infinity", "-0.0,-0.0", "1.0E300,1.0E300"})
    @Covers(row = "float NaN")
    void aFloatHoldsWhatIsNoNumber(String json, String text) {
        assertThat(block(field("double", ""), json)).isEqualTo("float64 " + text);
        assertThat(typed("float64", json)).isEqualTo("float64 " + text);
        if (!text.contains("E")) {
            assertThat(block(field("float", ""), json)).isEqualTo("float32 " + text);
            assertThat(typed("float32", json)).isEqualTo("float32 " + text);
        }
    }

    @Test
    @Covers(row = "bigint")
    void aBigintIsNeverADouble() {
        for (long value : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1}) {
            assertThat(block(field("int64", ""), Long.toString(value))).isEqualTo("int64 " + value);
            assertThat(typed("int64", Long.toString(value))).isEqualTo("int64 " + value);
            assertThat(untyped(Long.toString(value))).isEqualTo("any " + value);
        }
    }

    @Test
    @Covers(row = "money")
    void moneyIsADecimalOfNineteenDigits() {
        String precise = field("bytes", DECIMAL, "scale", "2", "__debezium.source.column.type", "MONEY");
        assertThat(block(precise, "\"f/////////8=\"")).isEqualTo("decimal(19,2) 92233720368547758.07");
        assertThat(block(of("string", "MONEY"), "\"-92233720368547758.08\""))
                .isEqualTo("decimal(19,2) -92233720368547758.08");
        assertThat(block(field("bytes", DECIMAL, "scale", "2"), "\"f/////////8=\""))
                .as("where nothing says that it is money")
                .isEqualTo("decimal(38,2) 92233720368547758.07");
        assertThat(typed("decimal(19,2)", "\"f/////////8=\"")).isEqualTo("decimal(19,2) 92233720368547758.07");
    }

    // ---- dates and times

    @ParameterizedTest
    @CsvSource({"0,1970-01-01", "19782,2024-02-29", "-719162,0001-01-01", "2932896,9999-12-31"})
    @Covers(row = "date")
    void aDateIsItsDays(String days, String text) {
        assertThat(block(field("int32", "io.debezium.time.Date"), days)).isEqualTo("date " + text);
        assertThat(block(field("int32", "org.apache.kafka.connect.data.Date"), days))
                .isEqualTo("date " + text);
        assertThat(typed("date", days)).isEqualTo("date " + text);
    }

    @ParameterizedTest
    @CsvSource({"-719163,0001-12-31 BC", "2932897,10000-01-01"})
    @Covers(row = "date", how = How.POLICY)
    void aDateOutsideYears1To9999FollowsThePolicy(String days, String text) {
        assertThat(block(field("int32", "io.debezium.time.Date"), days)).isEqualTo("text " + text);
        assertThat(typed("date", days)).isEqualTo("text " + text);
    }

    @ParameterizedTest
    @CsvSource({"-622191234,infinity", "-2147472692,infinity", "-625821272,-infinity", "-2147472691,-infinity"})
    @Covers(row = "date infinity", how = How.POLICY)
    void anInfiniteDateFollowsThePolicy(String days, String text) {
        String date = field("int32", "io.debezium.time.Date");
        assertThat(block(date, days)).isEqualTo("text " + text);
        assertThat(typed("date", days)).isEqualTo("text " + text);
        assertThat(block(Map.of("public.t", policy(OutOfRange.NULL, Map.of())), date, days))
                .isEqualTo("date null");
        assertThat(block(Map.of("public.t", policy(OutOfRange.REJECT, Map.of())), date, days))
                .isEqualTo("REJECTED out-of-range: column 'c': cannot hold as date, got '" + text + "'");
    }

    @Test
    @Covers(row = "timestamp")
    void aTimestampGoesByItsSemanticType() {
        String text = "timestamp 2024-02-29 13:14:15.123";
        assertThat(block(field("int64", "io.debezium.time.Timestamp"), "1709212455123"))
                .isEqualTo(text);
        assertThat(block(field("int64", "org.apache.kafka.connect.data.Timestamp"), "1709212455123"))
                .isEqualTo(text);
        assertThat(block(field("int64", "io.debezium.time.MicroTimestamp"), "1709212455123456"))
                .isEqualTo(text + "456");
        assertThat(typed("timestamp(ms)", "1709212455123")).isEqualTo(text);
        assertThat(typed("timestamp(us)", "1709212455123456")).isEqualTo(text + "456");
        assertThat(typed("timestamp", "1709212455123456")).isEqualTo(text + "456");
        assertThat(typed("timestamp(ns)", "1709212455123456000")).isEqualTo(text + "456");
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036825200000,infinity",
        "-9223372036832400000,-infinity",
        "-62135596800000001,0001-12-31 23:59:59.999999 BC",
        "253402300800000000,10000-01-01 00:00:00",
        "-9222426057709551617,294276-12-31 23:59:59.999999"
    })
    @Covers(row = "timestamp", how = How.POLICY)
    void aTimestampThatIsTooFarFollowsThePolicy(String micros, String text) {
        String timestamp = field("int64", "io.debezium.time.MicroTimestamp");
        assertThat(block(timestamp, micros)).isEqualTo("text " + text);
        assertThat(typed("timestamp", micros)).isEqualTo("text " + text);
        assertThat(block(Map.of("public.t", policy(OutOfRange.NULL, Map.of())), timestamp, micros))
                .isEqualTo("timestamp null");
    }

    @Test
    @Covers(row = "nanoseconds")
    void nanosecondsThatAreWholeMicrosecondsAreExact() {
        assertThat(block(field("int64", "io.debezium.time.NanoTimestamp"), "1709212455123456000"))
                .isEqualTo("timestamp 2024-02-29 13:14:15.123456");
        assertThat(block(field("int64", "io.debezium.time.NanoTime"), "86400000000000"))
                .isEqualTo("time 24:00:00");
        assertThat(typed("time(ns)", "1000")).isEqualTo("time 00:00:00.000001");
    }

    @Test
    @Covers(row = "nanoseconds", how = How.POLICY)
    void nanosecondsThatAreFinerOrInfiniteFollowThePolicy() {
        String timestamp = field("int64", "io.debezium.time.NanoTimestamp");
        assertThat(block(timestamp, Long.toString(Long.MAX_VALUE))).isEqualTo("text infinity");
        assertThat(block(timestamp, Long.toString(Long.MIN_VALUE))).isEqualTo("text -infinity");
        assertThat(block(timestamp, "1709212455123456789")).isEqualTo("text 2024-02-29 13:14:15.123456789");
        assertThat(typed("timestamp(ns)", "-1")).isEqualTo("text 1969-12-31 23:59:59.999999999");
        assertThat(typed("time(ns)", "1001")).isEqualTo("text 00:00:00.000001001");
    }

    @Test
    @Covers(row = "isostring")
    void isoTextsLoseTheirZ() {
        assertThat(block(field("string", "io.debezium.time.IsoDate"), "\"2024-02-29Z\""))
                .isEqualTo("date 2024-02-29");
        assertThat(block(field("string", "io.debezium.time.IsoTimestamp"), "\"2024-02-29T13:14:15.123456Z\""))
                .isEqualTo("timestamp 2024-02-29 13:14:15.123456");
        assertThat(block(field("string", "io.debezium.time.IsoTime"), "\"13:14:15.123456Z\""))
                .isEqualTo("time 13:14:15.123456");
        assertThat(typed("date", "\"2024-02-29Z\"")).isEqualTo("date 2024-02-29");
        assertThat(typed("timestamp", "\"2024-02-29T13:14:15Z\"")).isEqualTo("timestamp 2024-02-29 13:14:15");
        assertThat(typed("time", "\"13:14:15Z\"")).isEqualTo("time 13:14:15");
    }

    @Test
    @Covers(row = "isostring", how = How.POLICY)
    void isoTextsThatAreInfiniteOrTooFarFollowThePolicy() {
        String timestamp = field("string", "io.debezium.time.IsoTimestamp");
        assertThat(block(timestamp, "\"infinityZ\"")).isEqualTo("text infinity");
        assertThat(block(timestamp, "\"-0043-03-15T00:00:00Z\"")).isEqualTo("text 0044-03-15 00:00:00 BC");
        assertThat(block(field("string", "io.debezium.time.IsoDate"), "\"-infinity\""))
                .isEqualTo("text -infinity");
        assertThat(block(field("string", "io.debezium.time.IsoDate"), "\"+10000-01-01Z\""))
                .isEqualTo("text 10000-01-01");
        assertThat(typed("timestamp", "\"infinity\"")).isEqualTo("text infinity");
    }

    @Test
    @Covers(row = "time 24:00")
    void theEndOfADayIsATime() {
        assertThat(block(field("int64", "io.debezium.time.MicroTime"), "86400000000"))
                .isEqualTo("time 24:00:00");
        assertThat(block(field("int32", "io.debezium.time.Time"), "86400000")).isEqualTo("time 24:00:00");
        assertThat(block(field("int32", "org.apache.kafka.connect.data.Time"), "86400000"))
                .isEqualTo("time 24:00:00");
        assertThat(block(field("string", "io.debezium.time.IsoTime"), "\"24:00:00Z\""))
                .isEqualTo("time 24:00:00");
        assertThat(typed("time", "86400000000")).isEqualTo("time 24:00:00");
        assertThat(typed("time(ms)", "86400000")).isEqualTo("time 24:00:00");
        assertThat(typed("time(us)", "1")).isEqualTo("time 00:00:00.000001");
    }

    @Test
    @Covers(row = "timetz", how = How.POLICY)
    void aTimeWithZoneIsDebeziumsText() {
        assertThat(block(field("string", "io.debezium.time.ZonedTime"), "\"07:44:15.123456Z\""))
                .isEqualTo("text 07:44:15.123456Z");
        assertThat(typed("text", "\"07:44:15.123456Z\"")).isEqualTo("text 07:44:15.123456Z");
        assertThat(untyped("\"07:44:15.123456Z\"")).isEqualTo("any 07:44:15.123456Z");
    }

    @Test
    @Covers(row = "timestamptz")
    void aTimestampWithZoneIsAnInstant() {
        String zoned = field("string", "io.debezium.time.ZonedTimestamp");
        assertThat(block(zoned, "\"2024-02-29T07:44:15.123456Z\""))
                .isEqualTo("timestamptz 2024-02-29 07:44:15.123456+00");
        assertThat(block(zoned, "\"2024-02-29T07:44:15+02:00\"")).isEqualTo("timestamptz 2024-02-29 05:44:15+00");
        assertThat(typed("timestamptz", "\"2024-02-29T07:44:15Z\"")).isEqualTo("timestamptz 2024-02-29 07:44:15+00");
        assertThat(untyped("\"2024-02-29T07:44:15Z\"")).isEqualTo("any 2024-02-29T07:44:15Z");
    }

    @ParameterizedTest
    @CsvSource({
        "infinity,infinity",
        "-infinity,-infinity",
        "-0043-03-15T00:00:00Z,0044-03-15 00:00:00+00 BC",
        "+10000-01-01T00:00:00Z,10000-01-01 00:00:00+00",
        "+294276-12-31T23:59:59Z,294276-12-31 23:59:59+00"
    })
    @Covers(row = "timestamptz", how = How.POLICY)
    void aTimestampWithZoneThatIsTooFarFollowsThePolicy(String iso, String text) {
        assertThat(block(field("string", "io.debezium.time.ZonedTimestamp"), '"' + iso + '"'))
                .isEqualTo("text " + text);
        assertThat(typed("timestamptz", '"' + iso + '"')).isEqualTo("text " + text);
    }

    @Test
    @Covers(row = "interval")
    void anIntervalIsItsText() {
        assertThat(block(field("string", "io.debezium.time.Interval"), "\"P0Y-7M-3DT100H0M0S\""))
                .isEqualTo("text P0Y-7M-3DT100H0M0S");
        assertThat(untyped("\"P1Y\"")).isEqualTo("any P1Y");
    }

    @Test
    @Covers(row = "interval", how = How.POLICY)
    void anIntervalInMicrosecondsIsANumber() {
        assertThat(block(field("int64", "io.debezium.time.MicroDuration"), "2629800000000"))
                .isEqualTo("int64 2629800000000");
        assertThat(block(field("int64", "io.debezium.time.NanoDuration"), "2629800000000000"))
                .isEqualTo("int64 2629800000000000");
        assertThat(typed("int64", "2629800000000")).isEqualTo("int64 2629800000000");
    }

    @Test
    @Covers(
            row = "MySQL, MariaDB",
            forms = {Form.SCHEMA, Form.FLAT})
    void aYearIsItsNumber() {
        assertThat(block(field("int32", "io.debezium.time.Year"), "2155")).isEqualTo("int32 2155");
    }

    // ---- bits and bytes

    @ParameterizedTest
    @CsvSource({
        "8,gQ==,10000001",
        "8,,00000000",
        "8,AQ==,00000001",
        "12,AQg=,100000000001",
        "12,AQ==,000000000001",
        "64,qqqqqqqqqqo=,1010101010101010101010101010101010101010101010101010101010101010",
        "70,//////////8/,1111111111111111111111111111111111111111111111111111111111111111111111"
    })
    @Covers(row = "bit(n)")
    void bitsArePaddedToTheirLength(String length, @Nullable String base64, String bits) {
        String json = '"' + (base64 == null ? "" : base64) + '"';
        assertThat(block(field("bytes", "io.debezium.data.Bits", "length", length), json))
                .isEqualTo("text " + bits);
        assertThat(typed("bit(" + length + ")", json)).isEqualTo("text " + bits);
    }

    @Test
    @Covers(row = "bit(n)")
    void aSingleBitIsABoolean() {
        assertThat(block(of("boolean", "BIT"), "true")).isEqualTo("boolean true");
        assertThat(typed("boolean", "false")).isEqualTo("boolean false");
    }

    @Test
    @Covers(row = "bit(n)", how = How.POLICY)
    void bitsOfVaryingLengthLoseLeadingZeros() {
        String varbit = field("bytes", "io.debezium.data.Bits", "length", "2147483647");
        assertThat(block(varbit, "\"AQ==\"")).isEqualTo("text 1");
        assertThat(block(varbit, "\"\"")).isEqualTo("text ");
        assertThat(block(
                        field(
                                "bytes",
                                "io.debezium.data.Bits",
                                "length",
                                "10",
                                "__debezium.source.column.type",
                                "VARBIT"),
                        "\"qgI=\""))
                .isEqualTo("text 1010101010");
        assertThat(typed("varbit", "\"qgI=\"")).isEqualTo("text 1010101010");
    }

    @Test
    @Covers(row = "bytea")
    void bytesAreBase64OfEitherAlphabetOrHex() {
        assertThat(block(field("bytes", ""), "\"3q2+7wD/\"")).isEqualTo("bytes \\xdeadbeef00ff");
        assertThat(block(field("bytes", ""), "\"-_8=\"")).isEqualTo("bytes \\xfbff");
        assertThat(block(of("bytes", "BYTEA"), "\"\"")).isEqualTo("bytes \\x");
        assertThat(typed("bytes", "\"3q2+7wD/\"")).isEqualTo("bytes \\xdeadbeef00ff");
        assertThat(typed("bytes", "\"3q2-7wD_\"")).isEqualTo("bytes \\xdeadbeef00ff");
        assertThat(typed("bytes hex", "\"deadbeef00ff\"")).isEqualTo("bytes \\xdeadbeef00ff");
        assertThat(typed("bytes hex", "\"\\\\xDEADbeef\"")).isEqualTo("bytes \\xdeadbeef");
    }

    @Test
    @Covers(row = "bytea", how = How.POLICY)
    void bytesThatTheConnectorMadeTextOfStayText() {
        assertThat(block(of("string", "BYTEA"), "\"3q2+7wD/\"")).isEqualTo("text 3q2+7wD/");
        assertThat(untyped("\"3q2+7wD/\"")).isEqualTo("any 3q2+7wD/");
    }

    // ---- text

    @Test
    @Covers(row = "char(n)")
    void paddingIsKept() {
        assertThat(block(of("string", "BPCHAR", "length", "5", "scale", "0"), "\"a    \""))
                .isEqualTo("text a    ");
        assertThat(typed("text", "\"a    \"")).isEqualTo("text a    ");
        assertThat(untyped("\"a    \"")).isEqualTo("any a    ");
    }

    @Test
    @Covers(row = "json, jsonb")
    void jsonIsItsText() {
        String json = field("string", "io.debezium.data.Json");
        assertThat(block(json, "\"{\\\"b\\\": 1, \\\"a\\\" : [1,2.50, null], \\\"a\\\": 2}\""))
                .isEqualTo("json {\"b\": 1, \"a\" : [1,2.50, null], \"a\": 2}");
        assertThat(typed("json", "\"[1, 2.50]\"")).isEqualTo("json [1, 2.50]");
        assertThat(untyped("\"[1, 2.50]\"")).isEqualTo("any [1, 2.50]");
    }

    @Test
    @Covers(row = "json, jsonb")
    void jsonsNullIsNotNull() {
        Decoding decoding = new Decoding();
        String json = field("string", "io.debezium.data.Json");
        decoding.outcome(null, Decoding.wrapped(Decoding.insert("{\"c\":\"null\"}"), json));
        assertThat(decoding.after().get("c")).isEqualTo("null");
        decoding.outcome(null, Decoding.wrapped(Decoding.insert("{\"c\":null}"), json));
        assertThat(decoding.after().get("c")).isNull();
        decoding.outcome(null, Decoding.insert("{\"c\":\"null\"}"));
        assertThat(decoding.after().get("c")).isEqualTo("null");
    }

    @Test
    @Covers(row = "hstore")
    void hstoreIsJsonInBothModes() {
        assertThat(block(field("string", "io.debezium.data.Json"), "\"{\\\"a\\\":\\\"1\\\",\\\"b\\\":null}\""))
                .isEqualTo("json {\"a\":\"1\",\"b\":null}");
        String map =
                "{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"string\",\"optional\":true},"
                        + "\"optional\":true,\"field\":\"c\"}";
        assertThat(block(map, "{\"a\":\"1\",\"b\":null}")).isEqualTo("json {\"a\":\"1\",\"b\":null}");
        assertThat(untyped("{\"a\":\"1\"}")).isEqualTo("any {\"a\":\"1\"}");
        assertThat(typed("json", "\"{\\\"a\\\":\\\"1\\\"}\"")).isEqualTo("json {\"a\":\"1\"}");
    }

    @Test
    @Covers(row = "point")
    void aPointIsItsJson() {
        assertThat(block(field("struct", "io.debezium.data.geometry.Point"), POINT))
                .isEqualTo("json " + POINT);
        assertThat(block(field("struct", "io.debezium.data.geometry.Geometry"), "{\"wkb\":\"AQ==\",\"srid\":4326}"))
                .isEqualTo("json {\"wkb\":\"AQ==\",\"srid\":4326}");
        assertThat(typed("json", POINT)).isEqualTo("json " + POINT);
        assertThat(untyped(POINT)).isEqualTo("any " + POINT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            io.debezium.data.Enum     | happy
            io.debezium.data.EnumSet  | a,b
            io.debezium.data.Uuid     | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
            io.debezium.data.Xml      | <a b='1'>x</a>
            io.debezium.data.Ltree    | Top.Science.Astro
            io.debezium.data.Tsvector | 'brown':3 'fox':4
            INT8RANGE                 | (,9223372036854775807)
            NUMRANGE                  | [1.10,2.2]
            INET                      | 192.168.1.5/24
            CIDR                      | 10.0.0.0/8
            MACADDR                   | 08:00:2b:01:02:03
            CITEXT                    | CaSe
            """)
    @Covers(row = "text types")
    void whatIsTextAtTheSourceIsText(String type, String text) {
        String json = '"' + text + '"';
        assertThat(block(type.contains(".") ? field("string", type) : of("string", type), json))
                .isEqualTo("text " + text);
        assertThat(typed("text", json)).isEqualTo("text " + text);
        assertThat(untyped(json)).isEqualTo("any " + text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BOX            | KDMuMCw0LjApLCgxLjAsMi4wKQ== | (3.0,4.0),(1.0,2.0)
            PG_LSN         | MTYvQjM3NEQ4NDg=             | 16/B374D848
            TSQUERY        | J2ZhdCcgJiAncmF0Jw==         | 'fat' & 'rat'
            INT4MULTIRANGE | e1sxLDMpLFs1LDcpfQ==         | {[1,3),[5,7)}
            """)
    @Covers(
            row = "unknown types",
            forms = {Form.SCHEMA, Form.FLAT})
    void aTypeThatDebeziumDoesNotKnowIsItsText(String type, String base64, String text) {
        assertThat(block(of("string", type), '"' + base64 + '"')).isEqualTo("text " + text);
        assertThat(block(of("bytes", type), '"' + base64 + '"')).isEqualTo("text " + text);
    }

    @Test
    @Covers(row = "unknown types", how = How.POLICY)
    void whatMayBeTextIsNotDecoded() {
        assertThat(block(of("string", "BOX"), "\"(3,4),(1,2)\"")).isEqualTo("text (3,4),(1,2)");
        assertThat(block(of("string", "TSQUERY"), "\"AAE=\""))
                .as("no text at all")
                .isEqualTo("text AAE=");
        assertThat(block(of("string", "my_composite"), "\"KDEsMik=\"")).isEqualTo("text KDEsMik=");
        assertThat(untyped("\"KDEsMik=\"")).isEqualTo("any KDEsMik=");
    }

    @Test
    @Covers(row = "unknown types")
    void aColumnThatIsNotThereIsNotInvented() {
        Decoding decoding = new Decoding();
        decoding.outcome(null, Decoding.wrapped(Decoding.insert("{\"id\":1}"), Decoding.field("id", "int32")));
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32)");
        decoding = new Decoding();
        decoding.outcome(null, Decoding.insert("{\"id\":1}"));
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id any)");
        decoding = new Decoding();
        decoding.outcome(null, "{\"id\":1}");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id any)");
    }

    // ---- arrays

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            boolean | -                                     | [true,false,null]             | [true,false,null]
            int32   | -                                     | [1, null, -3]                 | [1, null, -3]
            int64   | -                                     | [9223372036854775807]         | [9223372036854775807]
            double  | -                                     | [0.1,"NaN"]                   | [0.1,"NaN"]
            string  | -                                     | ["a",null,"NULL","","q\\"x"]  | ["a",null,"NULL","","q\\"x"]
            string  | io.debezium.data.Uuid                 | ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"] | ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]
            string  | io.debezium.data.Json                 | ["{\\"a\\":1}"]               | ["{\\"a\\":1}"]
            int32   | io.debezium.time.Date                 | [19782,null,-622191234]       | ["2024-02-29",null,"infinity"]
            int64   | io.debezium.time.MicroTime            | [86400000000]                 | ["24:00:00"]
            int64   | io.debezium.time.MicroTimestamp       | [1709212455123456,9223372036825200000] | ["2024-02-29 13:14:15.123456","infinity"]
            int64   | io.debezium.time.NanoTimestamp        | [1709212455123456789]         | ["2024-02-29 13:14:15.123456789"]
            string  | io.debezium.time.ZonedTimestamp       | ["2024-02-29T07:44:15Z","-infinity"] | ["2024-02-29 07:44:15+00","-infinity"]
            string  | io.debezium.time.IsoDate              | ["2024-02-29Z"]               | ["2024-02-29"]
            bytes   | -                                     | ["3q2+7w==",""]               | ["\\\\xdeadbeef","\\\\x"]
            struct  | io.debezium.data.VariableScaleDecimal | [{"scale":1,"value":"GQ=="},null] | ["2.5",null]
            int32   | -                                     | []                            | []
            """)
    @Covers(
            row = "arrays",
            forms = {Form.SCHEMA, Form.FLAT})
    void anArrayIsJsonOfItsElements(String connect, String semantic, String json, String text) {
        String items = field(connect, semantic.equals("-") ? "" : semantic);
        assertThat(block(array(items), json)).isEqualTo("json " + text);
    }

    @Test
    @Covers(row = "arrays")
    void arraysOfDecimalsHaveDigitsAndNestedOnesStayNested() {
        String decimals = array(field("bytes", DECIMAL, "scale", "2", "connect.decimal.precision", "10"));
        assertThat(block(decimals, "[\"bg==\",null,\"/zg=\"]")).isEqualTo("json [\"1.10\",null,\"-2.00\"]");
        assertThat(block(array(array(field("int32", "io.debezium.time.Date"))), "[[19782],[null],null]"))
                .isEqualTo("json [[\"2024-02-29\"],[null],null]");
        assertThat(block(array(field("int32", "")), "[null,null]")).isEqualTo("json [null,null]");
        assertThat(typed("date[]", "[0,null]")).isEqualTo("json [\"1970-01-01\",null]");
        assertThat(typed("decimal(10,2)[]", "[\"bg==\"]")).isEqualTo("json [\"1.10\"]");
        assertThat(typed("int32[][]", "[[1],[2,null]]")).isEqualTo("json [[1],[2,null]]");
        assertThat(typed("date[][]", "[[0],[null]]")).isEqualTo("json [[\"1970-01-01\"],[null]]");
        assertThat(untyped("[1,[2]]")).isEqualTo("any [1,[2]]");
        assertThat(block(array(field("int32", "")), "{\"a\":1}"))
                .isEqualTo("REJECTED value: column 'c': cannot hold as json, got '{\"a\":1}'");
    }

    @Test
    @Covers(row = "arrays", how = How.POLICY)
    void aGarbledArrayFollowsThePolicy() {
        String garbled = "[\"[Ljava.lang.String;@1b2c3d\"]";
        String texts = array(field("string", ""));
        assertThat(block(Map.of("public.t", policy(OutOfRange.NULL, Map.of())), texts, garbled))
                .isEqualTo("json null");
        assertThat(block(Map.of("public.t", policy(OutOfRange.REJECT, Map.of())), texts, garbled))
                .isEqualTo("REJECTED out-of-range: column 'c': Debezium garbled the array, got '" + garbled + "'");
        assertThat(block(texts, garbled)).isEqualTo("text " + garbled);
        assertThat(typed("text[]", garbled)).isEqualTo("text " + garbled);
    }
}
