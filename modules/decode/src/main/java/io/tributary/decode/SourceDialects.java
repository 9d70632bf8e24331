package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

/** The kinds of source databases that one decoder knows, and the fields that any of them asks a source for. */
final class SourceDialects {
    private final List<SourceDialect> dialects = new ArrayList<>();
    private final Map<String, SourceDialect> byConnector = new HashMap<>();
    private final List<String> names;
    private final byte[][] utf8;
    private final Map<SourceDialect, int[]> indexes = new HashMap<>();

    SourceDialects() {
        ServiceLoader.load(SourceDialect.class).forEach(dialects::add);
        dialects.add(new PostgresDialect(true));
        dialects.add(new BinlogDialect());
        dialects.add(new PostgresDialect(false));
        Set<String> all = new LinkedHashSet<>();
        for (SourceDialect dialect : dialects) {
            all.addAll(dialect.fields());
            dialect.connectors().forEach(connector -> byConnector.putIfAbsent(connector, dialect));
        }
        names = List.copyOf(all);
        utf8 = names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        dialects.forEach(dialect -> indexes.put(
                dialect, dialect.fields().stream().mapToInt(names::indexOf).toArray()));
    }

    /** How many fields are asked for. */
    int size() {
        return names.size();
    }

    /** The index of the field whose name the range has; -1 if none asks for it. */
    int indexOf(byte[] bytes, int from, int length) {
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i].length == length && Arrays.equals(bytes, from, from + length, utf8[i], 0, length)) {
                return i;
            }
        }
        return -1;
    }

    int indexOf(String name) {
        return names.indexOf(name);
    }

    /**
     * Chooses the dialect of a source.
     *
     * @param connector as the source names it; of one that is not named, the fields tell that it has
     */
    void choose(String connector, SourceBlock source) {
        SourceDialect dialect = connector.isEmpty() ? byFields(source) : named(connector);
        source.dialect = dialect;
        source.place.indexes = indexesOf(dialect);
    }

    private SourceDialect byFields(SourceBlock source) {
        for (SourceDialect dialect : dialects) {
            if (Arrays.stream(indexesOf(dialect)).anyMatch(index -> source.place.starts[index] >= 0)) {
                return dialect;
            }
        }
        return dialects.get(0);
    }

    private int[] indexesOf(SourceDialect dialect) {
        return indexes.getOrDefault(dialect, new int[0]);
    }

    /** The dialect of a connector; that of all that are not known where it has none. */
    SourceDialect named(String connector) {
        return byConnector.getOrDefault(connector, dialects.get(dialects.size() - 1));
    }
}
