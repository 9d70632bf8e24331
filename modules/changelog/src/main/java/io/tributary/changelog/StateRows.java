package io.tributary.changelog;

import io.tributary.change.Slice;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/** The rows of the bucket that Flink's state backend points at. */
final class StateRows implements Rows {
    private final MapState<RowKey, byte[]> state;
    private final RowKey probe = new RowKey(new byte[0]);
    private final Slice prefixed = new Slice();

    StateRows(MapState<RowKey, byte[]> state) {
        this.state = state;
    }

    private void point(Kind kind, Slice key) {
        if (kind == Kind.ROW) {
            probe.set(key); // its first byte is 0 or 1
            return;
        }
        prefixed.set(stateKey(kind, key).toBytes());
        probe.set(prefixed);
    }

    @Override
    public byte @Nullable [] get(Kind kind, Slice key) {
        point(kind, key);
        try {
            return state.get(probe);
        } catch (Exception e) {
            throw new IllegalStateException("cannot read a row from state", e);
        }
    }

    @Override
    public void put(Kind kind, Slice key, byte[] stored, boolean replaces) {
        point(kind, key);
        // a map keeps the key it has when its value is replaced: the probe never stays in it
        RowKey owner = replaces ? probe : probe.copy();
        run(() -> state.put(owner, stored));
    }

    @Override
    public void remove(Kind kind, Slice key) {
        point(kind, key);
        run(() -> state.remove(probe));
    }

    @Override
    public void forEach(Visitor visitor) {
        run(() -> visit(state.iterator(), visitor));
    }

    static void visit(Iterator<Map.Entry<RowKey, byte[]>> all, Visitor visitor) {
        Visited visited = new Visited();
        while (all.hasNext()) {
            Map.Entry<RowKey, byte[]> entry = all.next();
            visited.set(entry.getKey().toBytes(), entry.getValue());
            switch (visitor.visit(visited)) {
                case KEEP -> {}
                case REMOVE -> all.remove();
                case REPLACE -> entry.setValue(visited.stored);
            }
        }
    }

    /** The key under which state has an entry. */
    static RowKey stateKey(Kind kind, Slice key) {
        byte[] bytes = new byte[key.length() + (kind == Kind.ROW ? 0 : 1)];
        if (kind != Kind.ROW) {
            bytes[0] = (byte) kind.prefix();
        }
        System.arraycopy(key.bytes(), key.offset(), bytes, bytes.length - key.length(), key.length());
        return new RowKey(bytes);
    }

    @Override
    public boolean isEmpty() {
        try {
            return state.isEmpty();
        } catch (Exception e) {
            throw new IllegalStateException("cannot read rows from state", e);
        }
    }

    @Override
    public void clear() {
        state.clear();
    }

    private static void run(ThrowingRunnable<Exception> write) {
        try {
            write.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("cannot write a row to state", e);
        }
    }

    /** An entry as a visitor sees it. */
    static final class Visited implements Entry {
        private Kind kind = Kind.ROW;
        private byte[] key = {};
        private byte[] stored = {};

        void set(byte[] stateKey, byte[] value) {
            kind = stateKey.length > 0 && stateKey[0] == Kind.SHADOW.prefix()
                    ? Kind.SHADOW
                    : stateKey.length > 0 && stateKey[0] == Kind.BAG.prefix() ? Kind.BAG : Kind.ROW;
            key = kind == Kind.ROW ? stateKey : Arrays.copyOfRange(stateKey, 1, stateKey.length);
            stored = value;
        }

        @Override
        public Kind kind() {
            return kind;
        }

        @Override
        public byte[] key() {
            return key;
        }

        @Override
        public byte[] stored() {
            return stored;
        }

        @Override
        public Visit replace(byte[] other) {
            stored = other;
            return Visit.REPLACE;
        }

        @Override
        public Entry copy() {
            Visited copy = new Visited();
            copy.kind = kind;
            copy.key = key;
            copy.stored = stored;
            return copy;
        }
    }
}
