package io.tributary.changelog;

import io.tributary.change.Slice;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows in memory, for who replays changes outside a job. */
public final class MemoryRows implements Rows {
    private final Map<RowKey, byte[]> rows = new HashMap<>();

    @Override
    public byte @Nullable [] get(Kind kind, Slice key) {
        return rows.get(StateRows.stateKey(kind, key));
    }

    /** @throws IllegalStateException if {@code replaces} is not the case: state relies on it */
    @Override
    public void put(Kind kind, Slice key, byte[] stored, boolean replaces) {
        RowKey owner = StateRows.stateKey(kind, key);
        if (rows.containsKey(owner) != replaces) {
            throw new IllegalStateException("put says replaces=" + replaces);
        }
        rows.put(owner, stored);
    }

    @Override
    public void remove(Kind kind, Slice key) {
        rows.remove(StateRows.stateKey(kind, key));
    }

    @Override
    public void forEach(Visitor visitor) {
        StateRows.visit(rows.entrySet().iterator(), visitor);
    }

    @Override
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    @Override
    public void clear() {
        rows.clear();
    }

    /** How many entries there are. */
    public int size() {
        return rows.size();
    }
}
