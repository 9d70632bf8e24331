package io.tributary.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.RawRecord;
import io.tributary.flow.DeadLetters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class DeadLetterSerializerTest {
    private static final int LARGEST = 4096;

    private static Change letter(byte[] value) {
        RawRecord record = new RawRecord().set("a.b.c", 5, 77, 1234, null, value);
        record.headers = List.of(new RawRecord.Header("h", "1".getBytes(StandardCharsets.UTF_8)))::iterator;
        Change change = new Change();
        new DeadLetters().fill(change, record, DeadLetters.origin(record), "b.c", "value", "[a.b.c-5@77] why \"so\"");
        return change;
    }

    @SuppressWarnings("NullAway") // the context is not looked at
    private static @Nullable ProducerRecord<byte[], byte[]> serialize(Change change) {
        return new DeadLetterSerializer("dead", LARGEST).serialize(change, null, null);
    }

    private static ProducerRecord<byte[], byte[]> serialize(byte[] value) {
        return Objects.requireNonNull(serialize(letter(value)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aLetterIsItsPlaceAndAllItsFields() {
        ProducerRecord<byte[], byte[]> record = serialize(new byte[] {(byte) 0xff, 0});

        assertThat(record.topic()).isEqualTo("dead");
        assertThat(record.partition()).isNull();
        assertThat(text(record.key())).isEqualTo("a.b.c-5@77");
        assertThat(text(record.value()))
                .isEqualTo(
                        "{\"reason\":\"value\",\"detail\":\"[a.b.c-5@77] why \\\"so\\\"\",\"table\":\"b.c\",\"topic\":\"a.b.c\","
                                + "\"partition\":5,\"offset\":77,\"timestamp\":1234,\"key\":null,\"value\":\"/wA=\",\"rule\":null,"
                                + "\"headers\":{\"h\":\"1\"},\"hmac\":null}");
        assertThat(record.headers())
                .extracting(Header::key, header -> text(header.value()))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("reason", "value"),
                        org.assertj.core.groups.Tuple.tuple("table", "b.c"));
    }

    @Test
    void aLetterThatDoesNotFitGoesWithoutTheRecordsBytes() throws IOException {
        JsonNode fits = new ObjectMapper().readTree(serialize(new byte[2000]).value());
        assertThat(fits.get("value").binaryValue()).hasSize(2000);
        assertThat(fits.has("truncated")).isFalse();
        for (int size : new int[] {2700, 3000, 1 << 20}) {
            byte[] value = serialize(new byte[size]).value();
            JsonNode truncated = new ObjectMapper().readTree(value);
            assertThat(value).hasSizeLessThan(LARGEST);
            assertThat(truncated.get("value").isNull()).isTrue();
            assertThat(truncated.get("truncated").booleanValue()).isTrue();
            assertThat(truncated.get("offset").longValue()).isEqualTo(77);
        }
    }
}
