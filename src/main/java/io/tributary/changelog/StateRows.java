package io.tributary.changelog;

import io.tributary.change.Slice;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/** The rows of the bucket that Flink's state backend points at. */
final class StateRows implements Rows {
    private final MapState<RowKey, byte[]> state;
    private final RowKey probe = new RowKey(new byte[0]);

    StateRows(MapState<RowKey, byte[]> state) {
        this.state = state;
    }

    @Override
    public byte @Nullable [] get(Slice key) {
        probe.set(key);
        try {
            return state.get(probe);
        } catch (Exception e) {
            throw new IllegalStateException("cannot read a row from state", e);
        }
    }

    @Override
    public void put(Slice key, byte[] stored, boolean replaces) {
        probe.set(key);
        // a map keeps the key it has when its value is replaced: the probe never stays in it
        RowKey owner = replaces ? probe : probe.copy();
        run(() -> state.put(owner, stored));
    }

    @Override
    public void remove(Slice key) {
        probe.set(key);
        run(() -> state.remove(probe));
    }

    @Override
    public void clear() {
        state.clear();
    }

    private static void run(ThrowingRunnable<Exception> write) {
        try {
            write.run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot write a row to state", e);
        }
    }
}
