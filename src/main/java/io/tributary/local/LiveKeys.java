package io.tributary.local;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Keys of rows that exist, at most so many: once full, a new key takes the place of another, whose row is then left alone. */
final class LiveKeys<K> {
    private final List<K> keys = new ArrayList<>();
    private final SplittableRandom random;
    private final int bound;

    LiveKeys(int bound, SplittableRandom random) {
        this.bound = bound;
        this.random = random;
    }

    void add(K key) {
        if (keys.size() < bound) {
            keys.add(key);
        } else {
            keys.set(random.nextInt(bound), key);
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Any of them. */
    K any() {
        return keys.get(random.nextInt(keys.size()));
    }

    /** Takes any of them out. */
    K take() {
        int at = random.nextInt(keys.size());
        K last = keys.remove(keys.size() - 1);
        return at == keys.size() ? last : keys.set(at, last);
    }
}
