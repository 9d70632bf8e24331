package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

@Pure
class LiveKeysTest {
    @Test
    void everyKeyIsTakenOnce() {
        LiveKeys<Integer> keys = new LiveKeys<>(10, new SplittableRandom(1));
        List.of(1, 2, 3, 4).forEach(keys::add);

        Set<Integer> taken = new HashSet<>();
        while (!keys.isEmpty()) {
            assertThat(taken.add(keys.take())).isTrue();
        }

        assertThat(taken).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    void aFullListForgetsAnOldKeyForANewOne() {
        LiveKeys<Integer> keys = new LiveKeys<>(2, new SplittableRandom(1));
        List.of(1, 2, 3).forEach(keys::add);

        assertThat(List.of(keys.take(), keys.take())).contains(3);
        assertThat(keys.isEmpty()).isTrue();
    }
}
