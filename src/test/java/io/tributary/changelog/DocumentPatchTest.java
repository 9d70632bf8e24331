package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class DocumentPatchTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1}                | {"updatedFields":"{\\"b\\":{\\"$numberLong\\":\\"5\\"}}"} | {"a":1,"b":{"$numberLong":"5"}}
            {"a":{"b":1,"c":2}}    | {"updatedFields":"{\\"a.b\\":7}"}                     | {"a":{"b":7,"c":2}}
            {"a":[1,2,3]}          | {"updatedFields":"{\\"a.1\\":9}"}                     | {"a":[1,9,3]}
            {"a":[1,2,3]}          | {"truncatedArrays":[{"field":"a","size":1}]}            | {"a":[1]}
            {"a":1,"b":{"c":1}}    | {"removedFields":["a","b.c"]}                            | {"b":{}}
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
}
