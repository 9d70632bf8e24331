package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class BucketsTest {
    private static final TableName TABLE = new TableName("public", "transactions");

    /** Savepoints hold a table's state under these numbers: others lose it. */
    @Test
    void theNumbersOfATableAreFrozen() {
        assertThat(Arrays.stream(Buckets.of(TABLE, 4))
                        .mapToObj(Long::toHexString)
                        .collect(Collectors.joining(" ")))
                .isEqualTo("c081c3ac3ac71883 753085b7fe177913 17185e46f8932886 cde1b442bc2f7b25");
    }

    /** A key that moved to another bucket would be unknown there. */
    @Test
    void theBucketOfAKeyIsFrozen() {
        String indexes = "";
        for (int i = 0; i < 16; i++) {
            byte[] key = ("key " + i).getBytes(StandardCharsets.US_ASCII);
            indexes += Buckets.indexOf(key, 0, key.length, 8);
        }
        assertThat(indexes).isEqualTo("6011152143516614");
    }

    @Test
    void onlyTheKeysRangeCounts() {
        byte[] padded = "..key 7..".getBytes(StandardCharsets.US_ASCII);
        byte[] key = "key 7".getBytes(StandardCharsets.US_ASCII);
        assertThat(Buckets.indexOf(padded, 2, 5, 1000)).isEqualTo(Buckets.indexOf(key, 0, 5, 1000));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 64, 128})
    void aTablesBucketsLieOnDifferentKeyGroupsEvenlySpread(int count) {
        for (TableName table : new TableName[] {TABLE, new TableName("", "t"), new TableName("a", "../../x")}) {
            int[] groups = Arrays.stream(Buckets.of(table, count))
                    .mapToInt(n -> KeyGroupRangeAssignment.assignToKeyGroup(n, Buckets.MAX_PARALLELISM))
                    .sorted()
                    .toArray();
            assertThat(groups).hasSize(count).doesNotHaveDuplicates();
            for (int i = 0; i < count; i++) {
                int next = i + 1 < count ? groups[i + 1] : groups[0] + Buckets.MAX_PARALLELISM;
                assertThat(next - groups[i])
                        .isBetween(Buckets.MAX_PARALLELISM / count, (Buckets.MAX_PARALLELISM + count - 1) / count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8, 100})
    void keysAreSpreadEvenly(int count) {
        int keys = 100_000;
        int[] sizes = new int[count];
        for (int i = 0; i < keys; i++) {
            byte[] key = {0, 0, (byte) i, (byte) (i >> 8), (byte) (i >> 16), 0};
            sizes[Buckets.indexOf(key, 0, key.length, count)]++;
        }
        double mean = (double) keys / count;
        for (int size : sizes) {
            assertThat((double) size).isBetween(mean * 0.85, mean * 1.15);
        }
    }

    @Test
    void tablesHaveNoNumberInCommon() {
        assertThat(LongStream.concat(
                                Arrays.stream(Buckets.of(new TableName("a", "bc"), 128)),
                                Arrays.stream(Buckets.of(new TableName("ab", "c"), 128)))
                        .toArray())
                .doesNotHaveDuplicates();
    }
}
