package io.tributary.lake;

import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.exceptions.TableAlreadyExistsException;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.TransactionStateRow;
import io.delta.kernel.internal.replay.ActionsIterator;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.statistics.DataFileStatistics;
import io.delta.kernel.transaction.DataLayoutSpec;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.delta.kernel.utils.FileStatus;
import io.tributary.lake.TableCommit.SourcePartition;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Delta tables of a lake: the only class that knows Delta Kernel's internals. A table's fences are its {@code txn}
 * actions, an application id for each source partition and the next offset as its version.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#transaction-identifiers">transaction
 *     identifiers</a>
 */
final class DeltaTables {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaTables.class);
    private static final String ENGINE = "Tributary";
    private static final String FENCE = "tributary:";
    private static final StructType TRANSACTIONS = new StructType().add("txn", SetTransaction.FULL_SCHEMA);

    private static final Map<String, String> MAPPED = Map.of("delta.columnMapping.mode", "name");

    private final String lake;
    private final Engine engine;

    /** What a table's newest version holds; version -1 and nothing for a table that is not there. */
    record State(long version, List<LakeColumn> columns, Map<SourcePartition, Long> fences) {
        static final State ABSENT = new State(-1, List.of(), Map.of());
    }

    /** Another commit came between: read the table again. */
    static final class Conflict extends Exception {
        Conflict(Throwable cause) {
            super(cause);
        }
    }

    /** @param lake a {@code file:} URI */
    DeltaTables(String lake) {
        this.lake = lake;
        this.engine = DefaultEngine.create(new LocalFiles());
    }

    State read(String path) throws IOException {
        Snapshot snapshot = snapshot(path);
        return snapshot == null
                ? State.ABSENT
                : new State(snapshot.getVersion(), DeltaSchema.columns(snapshot.getSchema()), fences(snapshot));
    }

    private @Nullable Snapshot snapshot(String path) {
        try {
            return TableManager.loadSnapshot(location(path)).build(engine);
        } catch (TableNotFoundException e) {
            return null;
        } catch (RuntimeException e) {
            if (hasCause(e, FileNotFoundException.class) && !exists(path)) {
                return null;
            }
            throw e;
        }
    }

    private boolean exists(String path) {
        return java.nio.file.Files.exists(LocalFiles.path(location(path) + "/_delta_log"));
    }

    private static boolean hasCause(Throwable error, Class<? extends Throwable> type) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private String location(String path) {
        return lake + "/" + path;
    }

    /** All fences in one pass over the log. */
    private Map<SourcePartition, Long> fences(Snapshot snapshot) throws IOException {
        List<FileStatus> log = new ArrayList<>(snapshot.getLogSegment().getDeltas());
        log.addAll(snapshot.getLogSegment().getCheckpoints());
        log.sort(Comparator.comparing((FileStatus file) ->
                        file.getPath().substring(file.getPath().lastIndexOf('/') + 1))
                .reversed());
        Map<SourcePartition, Long> fences = new TreeMap<>();
        try (ActionsIterator actions = new ActionsIterator(engine, log, TRANSACTIONS, Optional.empty())) {
            while (actions.hasNext()) {
                ColumnVector column = actions.next().getColumnarBatch().getColumnVector(0);
                for (int i = 0; i < column.getSize(); i++) {
                    SetTransaction transaction = SetTransaction.fromColumnVector(column, i);
                    if (transaction != null && transaction.getAppId().startsWith(FENCE)) {
                        fences.putIfAbsent(partition(transaction.getAppId()), transaction.getVersion());
                    }
                }
            }
        }
        return fences;
    }

    private static SourcePartition partition(String applicationId) {
        int dash = applicationId.lastIndexOf('-');
        return new SourcePartition(
                applicationId.substring(FENCE.length(), dash), Integer.parseInt(applicationId.substring(dash + 1)));
    }

    /**
     * Adds a checkpoint's files and moves its fences, in one commit; makes the table if it is not there.
     *
     * @param expected the version that the fences were judged by
     * @throws Conflict if the table is not at that version any more
     */
    void commit(TableCommit commit, long expected) throws Conflict, IOException {
        try {
            Transaction transaction = transaction(commit, expected);
            Row state = transaction.getTransactionState(engine);
            List<Row> actions = new ArrayList<>();
            for (DataFile file : commit.files()) {
                actions.add(add(state, commit.path(), file));
            }
            commit.offsets()
                    .forEach((partition, range) -> actions.add(SingleAction.createTxnSingleAction(new SetTransaction(
                                    FENCE + partition, range.last() + 1, Optional.of(System.currentTimeMillis()))
                            .toRow())));
            TransactionCommitResult result = transaction.commit(engine, iterable(actions));
            runHooks(result, commit.path());
        } catch (ConcurrentWriteException | MaxCommitRetryLimitReachedException | TableAlreadyExistsException e) {
            throw new Conflict(e);
        }
    }

    private Transaction transaction(TableCommit commit, long expected) throws Conflict {
        if (expected < 0) {
            return TableManager.buildCreateTableTransaction(
                            location(commit.path()), DeltaSchema.with(new StructType(), commit.columns()), ENGINE)
                    .withTableProperties(MAPPED)
                    .withDataLayoutSpec(DataLayoutSpec.partitioned(List.of(new Column(TableLayout.DT.name()))))
                    .withMaxRetries(0)
                    .build(engine);
        }
        Snapshot snapshot = snapshot(commit.path());
        if (snapshot == null || snapshot.getVersion() != expected) {
            throw new Conflict(new IllegalStateException("the table is not at version " + expected));
        }
        // no retries by Kernel: it would not look at the fences again
        var builder = snapshot.buildUpdateTableTransaction(ENGINE, Operation.STREAMING_UPDATE)
                .withMaxRetries(0);
        StructType wider = DeltaSchema.with(snapshot.getSchema(), commit.columns());
        if (wider.length() != snapshot.getSchema().length()) {
            builder = builder.withUpdatedSchema(wider);
        }
        return builder.build(engine);
    }

    private Row add(Row state, String path, DataFile file) {
        DataFileStatus status = new DataFileStatus(
                location(path) + "/" + file.path(),
                file.size(),
                System.currentTimeMillis(),
                Optional.of(new DataFileStatistics(file.rows(), Map.of(), Map.of(), Map.of(), Optional.empty())));
        return SingleAction.createAddFileSingleAction(AddFile.convertDataFileStatus(
                        TransactionStateRow.getPhysicalSchema(state),
                        new io.delta.kernel.internal.fs.Path(TransactionStateRow.getTablePath(state)).toUri(),
                        status,
                        Map.of(TableLayout.DT.name(), Literal.ofDate(file.epochDay())),
                        true,
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .toRow());
    }

    private static CloseableIterable<Row> iterable(List<Row> rows) {
        return new CloseableIterable<>() {
            @Override
            public CloseableIterator<Row> iterator() {
                return Utils.toCloseableIterator(rows.iterator());
            }

            @Override
            public void close() {
                // a list
            }
        };
    }

    /** Checkpoints of the log and checksums; the commit stands whatever becomes of them. */
    @SuppressWarnings("CatchingUnchecked")
    private void runHooks(TransactionCommitResult result, String path) {
        for (PostCommitHook hook : result.getPostCommitHooks()) {
            try {
                hook.threadSafeInvoke(engine);
            } catch (Exception e) {
                LOG.warn("{} after the commit of {} failed; the commit stands", hook.getType(), path, e);
            }
        }
    }
}
