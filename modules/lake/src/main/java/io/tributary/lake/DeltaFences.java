package io.tributary.lake;

import io.delta.kernel.Snapshot;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.replay.ActionsIterator;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.FileStatus;
import io.tributary.change.SourcePartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far a Delta table has come, in its {@code txn} actions: an application id for each source partition, and the next offset
 * as its version; one more has the number of files, and one for each topic its id. Of a table whose parts are replaced each
 * part has fences of its own.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#transaction-identifiers">transaction
 *     identifiers</a>
 */
record DeltaFences(
        Map<SourcePartition, Long> fences,
        Map<String, String> topicIds,
        Map<Part, Map<SourcePartition, Long>> parts,
        long files) {
    private static final String FENCE = "tributary:";
    private static final String PART_FENCE = "tributary-part:";
    private static final String TOPIC = "tributary-topic:";
    private static final String FILES = "tributary-files";
    private static final StructType TRANSACTIONS = new StructType().add("txn", SetTransaction.FULL_SCHEMA);

    /** All fences in one pass over the log. */
    static DeltaFences read(Engine engine, Snapshot snapshot) throws IOException {
        DeltaFences found = new DeltaFences(new TreeMap<>(), new TreeMap<>(), new HashMap<>(), 0);
        long files = -1;
        try (ActionsIterator actions = new ActionsIterator(engine, log(snapshot), TRANSACTIONS, Optional.empty())) {
            while (actions.hasNext()) {
                ColumnVector column = actions.next().getColumnarBatch().getColumnVector(0);
                for (int i = 0; i < column.getSize(); i++) {
                    SetTransaction transaction = SetTransaction.fromColumnVector(column, i);
                    if (transaction != null) {
                        found.put(transaction.getAppId(), transaction.getVersion());
                        files = files < 0 && transaction.getAppId().equals(FILES) ? transaction.getVersion() : files;
                    }
                }
            }
        }
        return new DeltaFences(found.fences(), found.topicIds(), found.parts(), Math.max(0, files));
    }

    private void put(String application, long version) {
        if (application.startsWith(TOPIC)) {
            int end = application.indexOf(':', TOPIC.length());
            topicIds.put(application.substring(end + 1), application.substring(TOPIC.length(), end));
        } else if (application.startsWith(FENCE)) {
            fences.putIfAbsent(SourcePartition.parse(application.substring(FENCE.length())), version);
        } else if (application.startsWith(PART_FENCE)) {
            int end = application.indexOf(':', PART_FENCE.length());
            Part part = Part.parse(application.substring(PART_FENCE.length(), end));
            parts.computeIfAbsent(part, p -> new TreeMap<>())
                    .putIfAbsent(SourcePartition.parse(application.substring(end + 1)), version);
        }
    }

    /** The actions that move them: what they were before is known. */
    static List<Row> actions(TableLog.State before, TableLog.Actions actions) {
        List<Row> rows = new ArrayList<>();
        actions.fences().forEach((partition, next) -> rows.add(action(FENCE + partition, next)));
        actions.topicIds().forEach((topic, id) -> {
            if (!before.topicIds().containsKey(topic)) {
                rows.add(action(TOPIC + id + ":" + topic, 1));
            }
        });
        actions.parts()
                .forEach((part, ends) ->
                        ends.forEach((partition, next) -> rows.add(action(PART_FENCE + part + ":" + partition, next))));
        rows.add(action(FILES, actions.files()));
        return rows;
    }

    private static Row action(String application, long version) {
        return SingleAction.createTxnSingleAction(
                new SetTransaction(application, version, Optional.of(System.currentTimeMillis())).toRow());
    }

    /** The files of a snapshot's log, the newest first. */
    static List<FileStatus> log(Snapshot snapshot) {
        List<FileStatus> log = new ArrayList<>(snapshot.getLogSegment().getDeltas());
        log.addAll(snapshot.getLogSegment().getCheckpoints());
        log.sort(Comparator.comparing((FileStatus file) ->
                        file.getPath().substring(file.getPath().lastIndexOf('/') + 1))
                .reversed());
        return log;
    }
}
