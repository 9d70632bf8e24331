package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
class DocumentPatchTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1}                | {"updatedFields":"{\\"b\\":{\\"$numberLong\\":\\"5\\"}}"} | {"a":1,"b":{"$numberLong":"5"}}
            {"a":{"b":1,"c":2}}    | {"updatedFields":"{\\"a.b\\":7}"}                     | {"a":{"b":7,"c":2}}
            {"a":[1,2,3]}          | {"updatedFields":"{\\"a.1\\":9}"}                     | {"a":[1,9,3]}
            {"a":[1,2,3]}          | {"truncatedArrays":[{"field":"a","size":1}]}            | {"a":[1]}
            {"a":1,"b":{"c":1}}    | {"removedFields":["a","b.c"]}                            | {"b":{}}
            {"n":-0.0,"b":1.0E10}  | {"updatedFields":{"x":1}}                                | {"n":-0.0,"b":1.0E10,"x":1}
            {"a/b":[1,2],"c~d":[1,2]} | {"truncatedArrays":[{"field":"a/b","size":1},{"field":"c~d","size":0}]} | {"a/b":[1],"c~d":[]}
            {"a.b":{"c.d":[1,2]}}  | {"truncatedArrays":[{"field":"a.b.c.d","size":1}]}      | {"a.b":{"c.d":[1]}}
            {"a.b":{"c.d":1}}      | {"updatedFields":{"a.b.c.d":2},"removedFields":[]}      | {"a.b":{"c.d":2}}
            {"a":{"b.c":1,"d":1}}  | {"removedFields":["a.b.c"]}                             | {"a":{"d":1}}
            {"a":[{"b.c":[1,2]}]}  | {"truncatedArrays":[{"field":"a.0.b.c","size":1}]}      | {"a":[{"b.c":[1]}]}
            {"n":1.10,"i":12345678901234567890} | {"updatedFields":{"x":null}}                | {"n":1.10,"i":12345678901234567890,"x":null}
            """)
    void whatChangedIsPutIntoTheDocumentAndTheRestStays(String document, String update, String expected) {
        assertThat(DocumentPatch.apply(document, update)).isEqualTo(expected);
    }

    @Test
    void whatIsNoDocumentIsNotPatched() {
        assertThatThrownBy(() -> DocumentPatch.apply("[1]", "{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DocumentPatch.apply("{}", "{")).isInstanceOf(IllegalArgumentException.class);
    }

    /** None of them may hold up the others, or be taken for another. */
    @ParameterizedTest
    @Timeout(10)
    @ValueSource(
            strings = {
                "{\"truncatedArrays\":[{\"field\":\"a\",\"size\":-1}]}",
                "{\"truncatedArrays\":[{\"field\":\"a\",\"size\":4294967297}]}",
                "{\"truncatedArrays\":[{\"field\":\"a\",\"size\":1.5}]}",
                "{\"truncatedArrays\":[{\"field\":\"a\",\"size\":\"1\"}]}",
                "{\"truncatedArrays\":[{\"field\":\"a\",\"newSize\":null}]}",
                "{\"truncatedArrays\":[{\"field\":\"a\"}]}",
                "{\"updatedFields\":{\"a.1500001\":1}}",
                "{\"updatedFields\":{\"a.999999999\":1}}"
            })
    void norIsWhatNoServerSends(String update) {
        assertThatThrownBy(() -> DocumentPatch.apply("{\"a\":[1,2]}", update))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Timeout(10)
    void pathsHaveABound() {
        String path = "b.".repeat(500_000) + "c";
        assertThatThrownBy(() -> DocumentPatch.apply("{}", "{\"removedFields\":[\"" + path + "\"]}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DocumentPatch.apply("{}", "{\"updatedFields\":{\"" + path + "\":1}}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(DocumentPatch.apply("{\"a\":[1]}", "{\"updatedFields\":{\"a.3\":1}}"))
                .isEqualTo("{\"a\":[1,null,null,1]}");
    }
}
