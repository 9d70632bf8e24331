package io.tributary.changelog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tributary.Pure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Pure
class RowKeyTest {
    private static List<byte[]> colliding(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Colliding.key(i).getBytes(US_ASCII))
                .toList();
    }

    /** Keys that collide in every sum of powers of an odd factor. */
    @Test
    void keysThatCollideWhateverTheFactorDoNot() {
        List<byte[]> keys = colliding(4000);
        assertThat(keys.stream()
                        .map(key -> new RowKey(key).hashCode())
                        .distinct()
                        .count())
                .isGreaterThan(3990);

        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            Map<RowKey, Integer> rows = new HashMap<>();
            for (int round = 0; round < 10; round++) {
                keys.forEach(key -> rows.merge(new RowKey(key), 1, Integer::sum));
            }
            assertThat(rows).hasSize(4000).containsValue(10).doesNotContainValue(9);
        });
    }

    @Test
    void theOrderIsThatOfTheBytes() {
        assertThat(new RowKey("a".getBytes(US_ASCII))).isLessThan(new RowKey("b".getBytes(US_ASCII)));
        assertThat(new RowKey("a".getBytes(US_ASCII))).isLessThan(new RowKey("aa".getBytes(US_ASCII)));
        assertThat(new RowKey("a".getBytes(US_ASCII))).isEqualByComparingTo(new RowKey("a".getBytes(US_ASCII)));
    }

    /** As a program that knows the code would make them: of Java's own factor. */
    @Test
    void keysThatWereMadeToCollideDoNot() {
        List<RowKey> keys = new ArrayList<>();
        for (int i = 0; i < 1 << 12; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            keys.add(new RowKey(key.toString().getBytes(US_ASCII)));
        }
        assertThat(keys.stream().map(RowKey::hashCode).distinct().count()).isGreaterThan(4000);
    }
}
