package io.tributary.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of tables in a savepoint: a job goes on with the same alone. With another condition, rows that do not change would stay in the
 * sinks, and would never be deleted there.
 */
final class ShapeCheck {
    private static final String BEHIND_THE_TABLE = "\t";

    private final ListState<String> state;
    private final Map<String, String> shapes = new TreeMap<>();

    /** @throws SuppressRestartsException if a table's shape is another than in the savepoint */
    ShapeCheck(StateInitializationContext context, Map<String, ChangelogSettings> settings) throws Exception {
        state = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("shapes", StringSerializer.INSTANCE));
        settings.forEach((table, own) -> {
            if (!own.shape().isAsItIs()) {
                shapes.put(table, own.shape().definition());
            }
        });
        if (!context.isRestored()) {
            return;
        }
        Map<String, String> before = new TreeMap<>();
        for (String each : state.get()) {
            String[] parts = each.split(BEHIND_THE_TABLE, 2);
            before.put(parts[0], parts[1]);
        }
        for (String table : union(before, shapes)) {
            String was = before.get(table);
            String is = shapes.get(table);
            if (was == null || !was.equals(is)) {
                throw new SuppressRestartsException(new IllegalStateException("'tables." + table
                        + ".where' and the columns that are computed were " + shown(was)
                        + " in the savepoint, and are " + shown(is)
                        + " now: rows that do not change would stay in the sinks as they are. Set them back, or start without the savepoint,"
                        + " and then run './tributary repair --table " + table + "' for its mirror."));
            }
        }
    }

    private static List<String> union(Map<String, String> some, Map<String, String> others) {
        Map<String, String> all = new TreeMap<>(some);
        all.putAll(others);
        return new ArrayList<>(all.keySet());
    }

    private static String shown(@Nullable String definition) {
        return definition == null ? "none" : "'" + definition + "'";
    }

    void store(int subtask) throws Exception {
        List<String> all = new ArrayList<>();
        if (subtask == 0) {
            shapes.forEach((table, definition) -> all.add(table + BEHIND_THE_TABLE + definition));
        }
        state.update(all);
    }
}
