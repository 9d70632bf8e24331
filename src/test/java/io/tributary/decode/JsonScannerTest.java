package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.Pure;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class JsonScannerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper ASCII = new ObjectMapper()
            .configure(com.fasterxml.jackson.core.json.JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature(), true)
            .enable(SerializationFeature.INDENT_OUTPUT);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @Property(tries = 200)
    void skipConsumesExactlyTheValue(@ForAll("trees") JsonNode tree, @ForAll @IntRange(max = 9) int shift)
            throws JsonProcessingException {
        for (ObjectMapper mapper : List.of(JSON, ASCII)) {
            byte[] value = mapper.writeValueAsBytes(tree);
            byte[] bytes = (" ".repeat(shift) + "@").getBytes(StandardCharsets.US_ASCII);
            bytes = Arrays.copyOf(bytes, shift + value.length + 20);
            Arrays.fill(bytes, (byte) ',');
            System.arraycopy(value, 0, bytes, shift, value.length);
            JsonScanner scanner = new JsonScanner();
            scanner.open(bytes, 0, bytes.length);
            scanner.position(shift);
            scanner.skip();
            assertThat(scanner.position()).isEqualTo(shift + value.length);
        }
    }

    @Property(tries = 200)
    void aTreeIsReadAsJacksonWroteIt(@ForAll("trees") JsonNode tree) throws JsonProcessingException {
        for (ObjectMapper mapper : List.of(JSON, ASCII)) {
            JsonScanner scanner = scanner(mapper.writeValueAsString(tree));
            // as bytes: numbers may be spelled in more than one way, and a tree remembers how
            assertThat(JSON.writeValueAsString(read(scanner))).isEqualTo(JSON.writeValueAsString(tree));
            scanner.expectEnd();
        }
    }

    @Property(tries = 1000)
    void aStringIsReadAsJacksonWroteIt(@ForAll("texts") String text) throws JsonProcessingException {
        for (ObjectMapper mapper : List.of(JSON, ASCII)) {
            JsonScanner scanner = scanner(mapper.writeValueAsString(text));
            scanner.string();
            assertThat(scanner.tokenText()).isEqualTo(text);
            scanner.expectEnd();
        }
    }

    @Property(tries = 300)
    void aTruncatedTreeIsRejected(@ForAll("trees") JsonNode tree, @ForAll @IntRange(max = 10_000) int cut)
            throws JsonProcessingException {
        if (tree.isContainerNode() || tree.isTextual()) {
            byte[] bytes = JSON.writeValueAsBytes(tree);
            JsonScanner scanner = new JsonScanner();
            scanner.open(bytes, 0, cut % bytes.length);
            assertThat(catchThrowable(scanner::skip)).isInstanceOf(DecodeException.class);
        }
    }

    @Property(tries = 2000)
    void anyTextIsReadOrRejected(@ForAll("noise") String text) {
        JsonScanner scanner = scanner(text);
        Throwable thrown = catchThrowable(() -> {
            read(scanner);
            scanner.expectEnd();
        });
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(DecodeException.class);
            assertThat(((DecodeException) thrown).reason()).isEqualTo(Reason.NOT_JSON);
        }
        Throwable skipped = catchThrowable(scanner(text)::skip);
        assertThat(skipped == null || skipped instanceof DecodeException).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "\\"\\\\\\/" | "\\/
                    "\\u0041\\u00e5\\u20AC\\ud83d\\uDE00" | Aå€😀
                    "å€😀" | å€😀
                    "1234567\\t" | `1234567\t`
                    "12345678" | 12345678
                    "\\u007f" | \u007f
                    """)
    void escapesStandForTheirCharacters(String json, String text) {
        JsonScanner scanner = scanner(json);
        scanner.string();
        assertThat(scanner.tokenText()).isEqualTo(text);
        scanner.expectEnd();
    }

    @Test
    void controlCharactersAreEscapable() {
        JsonScanner scanner = scanner("\"\\b\\f\\n\\r\\t\\u0000\\u001f\"");
        scanner.string();
        assertThat(scanner.tokenText()).isEqualTo("\b\f\n\r\t\0\u001f");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"",
                "\"a",
                "\"\\",
                "\"\\\"",
                "\"\\u00",
                "{",
                "[",
                "{]",
                "[}",
                "[[]",
                "{\"a\":}",
                "]",
                "}",
                ",",
                ":",
                "nul",
                "nulll",
                "True",
                "truefalse",
                "NaN",
                "Infinity",
                "'a'",
                "a",
                "/*c*/1",
                "[1",
                "[\"]",
                "é"
            })
    void whatIsNoValueIsRejected(String text) {
        Throwable thrown = catchThrowable(() -> {
            JsonScanner scanner = scanner(text);
            read(scanner);
            scanner.expectEnd();
        });
        assertThat(thrown).isInstanceOf(DecodeException.class);
        assertThat(((DecodeException) thrown).reason()).isEqualTo(Reason.NOT_JSON);
    }

    @Test
    void aControlCharacterInAStringIsRejectedWithItsPlace() {
        for (int length = 0; length < 20; length++) {
            for (char control = 0; control < ' '; control++) {
                JsonScanner scanner = scanner("\"" + "a".repeat(length) + control + "\"");
                assertThat(catchThrowable(scanner::string))
                        .isInstanceOf(DecodeException.class)
                        .hasMessage("no JSON at byte " + (length + 1)
                                + ": wanted no control character in a string, got '" + control + "'");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\x\"",
                "\"\\u12G4\"",
                "\"\\u123\"",
                "\"\\\u00e5\"",
                "\"\\ud800\"",
                "\"\\udc00x\"",
                "\"\\u+123\""
            })
    void aBadEscapeIsRejected(String json) {
        JsonScanner scanner = scanner(json);
        scanner.string();
        assertThat(catchThrowable(scanner::tokenText)).isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0,0",
        "7,7",
        "9223372036854775807,9223372036854775807",
        "-9223372036854775808,-9223372036854775808"
    })
    void aLongIsReadToItsEnds(String json, long value) {
        JsonScanner scanner = scanner(json);
        scanner.scalar();
        assertThat(scanner.tokenIsLong()).isTrue();
        assertThat(scanner.tokenLong()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775808",
                "-9223372036854775809",
                "9999999999999999999",
                "18446744073709551616",
                "100000000000000000000",
                "1.0",
                "1e3",
                "-",
                "+1",
                "--1",
                "true"
            })
    void whatIsNoLongIsNone(String json) {
        JsonScanner scanner = scanner(json);
        scanner.scalar();
        assertThat(scanner.tokenIsLong()).isFalse();
    }

    @Property(tries = 1000)
    void everyLongIsReadAsItself(@ForAll long value) {
        JsonScanner scanner = scanner(Long.toString(value));
        scanner.scalar();
        assertThat(scanner.tokenIsLong()).isTrue();
        assertThat(scanner.tokenLong()).isEqualTo(value);
    }

    private static JsonScanner scanner(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        JsonScanner scanner = new JsonScanner();
        scanner.open(bytes, 0, bytes.length);
        return scanner;
    }

    /** Reads a tree with the scanner's own steps; what it does not step through, it skips. */
    private static JsonNode read(JsonScanner scanner) {
        int next = scanner.peek();
        if (next == '{') {
            scanner.expect('{');
            ObjectNode object = NODES.objectNode();
            boolean first = true;
            while (scanner.nextField(first)) {
                first = false;
                String name = scanner.tokenText();
                object.set(name, read(scanner));
            }
            return object;
        }
        if (next == '[') {
            ArrayNode array = NODES.arrayNode();
            scanner.expect('[');
            if (scanner.peek() == ']') {
                scanner.expect(']');
                return array;
            }
            array.add(read(scanner));
            while (scanner.peek() == ',') {
                scanner.expect(',');
                array.add(read(scanner));
            }
            scanner.expect(']');
            return array;
        }
        if (next == '"') {
            scanner.string();
            return NODES.textNode(scanner.tokenText());
        }
        if (scanner.tryNull()) {
            return NODES.nullNode();
        }
        scanner.skip();
        String token = scanner.tokenText();
        if (token.equals("true") || token.equals("false")) {
            return NODES.booleanNode(token.equals("true"));
        }
        try {
            return NODES.numberNode(new BigDecimal(token));
        } catch (NumberFormatException e) {
            throw scanner.malformed("a number");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("\"\\/\b\f\n\r\t\0\u001f abcdefghijklmnopqrstu\u007f\u0080\u00e5\u07ff\u0800\u20ac\uffff")
                .ofMaxLength(40)
                .flatMap(text -> Arbitraries.of("", "\uD83D\uDE00", "\uDBFF\uDFFF", "\uD800\uDC00")
                        .flatMap(pair -> Arbitraries.integers()
                                .between(0, text.length())
                                .map(at -> text.substring(0, at) + pair + text.substring(at))));
    }

    @Provide
    Arbitrary<String> noise() {
        Arbitrary<String> tokens = Arbitraries.of(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"",
                "\\",
                "\"a\"",
                "\"\\u12",
                "null",
                "true",
                "1",
                "-",
                "e5",
                " ",
                "\n",
                "\u0000",
                "\u00e5",
                "\uD83D\uDE00",
                "\"k\":",
                "{\"a\":1}",
                "[]");
        return tokens.list().ofMaxSize(25).map(list -> String.join("", list));
    }

    @Provide
    Arbitrary<JsonNode> trees() {
        return trees(2);
    }

    private Arbitrary<JsonNode> trees(int depth) {
        Arbitrary<JsonNode> leaves = Arbitraries.oneOf(
                texts().map(NODES::textNode),
                Arbitraries.of(true, false).map(NODES::booleanNode),
                Arbitraries.just(NODES.nullNode()),
                Arbitraries.longs().map(value -> NODES.numberNode(BigDecimal.valueOf(value))),
                Arbitraries.bigDecimals().map(NODES::numberNode));
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<JsonNode> below = Arbitraries.lazy(() -> trees(depth - 1));
        Arbitrary<JsonNode> arrays =
                below.list().ofMaxSize(4).map(list -> NODES.arrayNode().addAll(list));
        Arbitrary<JsonNode> objects = Arbitraries.maps(texts(), below)
                .ofMaxSize(4)
                .map(map -> {
                    ObjectNode object = NODES.objectNode();
                    for (Map.Entry<String, JsonNode> field : map.entrySet()) {
                        object.set(field.getKey(), field.getValue());
                    }
                    return object;
                });
        return Arbitraries.oneOf(leaves, arrays, objects);
    }
}
