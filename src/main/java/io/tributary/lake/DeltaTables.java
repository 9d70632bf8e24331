package io.tributary.lake;

import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.FilteredColumnarBatch;
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
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.ScanImpl;
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
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
 * actions, an application id for each source partition and the next offset as its version; one more has the number of files.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#transaction-identifiers">transaction
 *     identifiers</a>
 */
final class DeltaTables {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaTables.class);
    private static final String ENGINE = "Tributary";
    private static final String FENCE = "tributary:";
    private static final String FILES = "tributary-files";
    private static final StructType TRANSACTIONS = new StructType().add("txn", SetTransaction.FULL_SCHEMA);

    /** Has Kernel write statistics that are a count of rows and nothing else. */
    private static final @Nullable StructType NO_BOUNDS = null;

    private static final Map<String, String> MAPPED = Map.of("delta.columnMapping.mode", "name");

    private final String lake;
    private final Engine engine;

    /**
     * What a table's newest version holds; version -1 and nothing for a table that is not there.
     *
     * @param files how many files were ever added by checkpoints
     */
    record State(long version, List<LakeColumn> columns, Map<SourcePartition, Long> fences, long files) {
        static final State ABSENT = new State(-1, List.of(), Map.of(), 0);
    }

    /** What the {@code txn} actions say. */
    private record Transactions(Map<SourcePartition, Long> fences, long files) {}

    /** A table's columns as of a version, or of an earlier one since which they have not changed. */
    record Columns(long version, List<LakeColumn> list) {}

    /**
     * A data file of a version.
     *
     * @param path below its table
     * @param add its entry in the log
     */
    record LiveFile(String path, Row add) {}

    /**
     * A data file to be replaced by a copy with the same rows.
     *
     * @param copy the copy's path, in the folder of the file
     */
    record Replaced(LiveFile file, String copy, long size, long rows) {}

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
        if (snapshot == null) {
            return State.ABSENT;
        }
        Transactions transactions = transactions(snapshot);
        return new State(
                snapshot.getVersion(),
                DeltaSchema.columns(snapshot.getSchema()),
                transactions.fences(),
                transactions.files());
    }

    /** The table's columns as they are now; the same list where no commit since has changed them, seen by those alone. */
    Columns columns(String path, Columns known) throws IOException {
        if (known.version() < 0 && !exists(path)) {
            return known;
        }
        long version = known.version();
        if (version >= 0 && Files.exists(logEntry(path, version))) { // else the log has been cleaned
            Path next = logEntry(path, version + 1);
            while (Files.exists(next) && !changesColumns(next)) {
                version++;
                next = logEntry(path, version + 1);
            }
            if (!Files.exists(next)) {
                return version == known.version() ? known : new Columns(version, known.list());
            }
        }
        Snapshot snapshot = snapshot(path);
        return snapshot == null
                ? new Columns(-1, List.of())
                : new Columns(snapshot.getVersion(), DeltaSchema.columns(snapshot.getSchema()));
    }

    private Path logEntry(String path, long version) {
        return LocalFiles.path(location(path) + "/_delta_log/%020d.json".formatted(version));
    }

    private static boolean changesColumns(Path entry) throws IOException {
        try (BufferedReader actions = Files.newBufferedReader(entry)) {
            for (String action = actions.readLine(); action != null; action = actions.readLine()) {
                if (action.contains("\"metaData\"")) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException e) {
            return true; // the log has been cleaned
        }
    }

    /**
     * The table's data files.
     *
     * @throws Conflict if the table is not at that version any more
     */
    List<LiveFile> files(String path, long version) throws Conflict, IOException {
        List<LiveFile> files = new ArrayList<>();
        ScanImpl scan = (ScanImpl) at(path, version).getScanBuilder().build();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine, true)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    while (rows.hasNext()) {
                        Row add = rows.next().getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL);
                        files.add(live(path, new AddFile(add), add));
                    }
                }
            }
        }
        return files;
    }

    private static LiveFile live(String table, AddFile file, Row add) throws IOException {
        if (file.getDeletionVector().isPresent()) {
            throw new IOException("cannot rewrite %s of %s: it has a deletion vector".formatted(file.getPath(), table));
        }
        return new LiveFile(URI.create(file.getPath()).getPath(), add);
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
        return Files.exists(LocalFiles.path(location(path) + "/_delta_log"));
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
    private Transactions transactions(Snapshot snapshot) throws IOException {
        List<FileStatus> log = new ArrayList<>(snapshot.getLogSegment().getDeltas());
        log.addAll(snapshot.getLogSegment().getCheckpoints());
        log.sort(Comparator.comparing((FileStatus file) ->
                        file.getPath().substring(file.getPath().lastIndexOf('/') + 1))
                .reversed());
        Map<SourcePartition, Long> fences = new TreeMap<>();
        long files = -1;
        try (ActionsIterator actions = new ActionsIterator(engine, log, TRANSACTIONS, Optional.empty())) {
            while (actions.hasNext()) {
                ColumnVector column = actions.next().getColumnarBatch().getColumnVector(0);
                for (int i = 0; i < column.getSize(); i++) {
                    SetTransaction transaction = SetTransaction.fromColumnVector(column, i);
                    if (transaction != null && transaction.getAppId().startsWith(FENCE)) {
                        fences.putIfAbsent(partition(transaction.getAppId()), transaction.getVersion());
                    } else if (transaction != null
                            && files < 0
                            && transaction.getAppId().equals(FILES)) {
                        files = transaction.getVersion();
                    }
                }
            }
        }
        return new Transactions(fences, Math.max(0, files));
    }

    private static SourcePartition partition(String applicationId) {
        int dash = applicationId.lastIndexOf('-');
        return new SourcePartition(
                applicationId.substring(FENCE.length(), dash), Integer.parseInt(applicationId.substring(dash + 1)));
    }

    /**
     * Adds a checkpoint's files and moves its fences, in one commit; makes the table if it is not there.
     *
     * @param commit its columns are the table's to be: as wide, in the files added and in all that remain
     * @param replaced the table's files that are given up for copies
     * @param expected the version that the fences were judged by
     * @param files how many files checkpoints have added then
     * @throws Conflict if the table is not at that version any more
     */
    void commit(TableCommit commit, List<Replaced> replaced, long expected, long files) throws Conflict, IOException {
        try {
            Transaction transaction = transaction(commit, expected);
            Row state = transaction.getTransactionState(engine);
            List<Row> actions = new ArrayList<>();
            for (Replaced file : replaced) {
                AddFile old = new AddFile(file.file().add());
                actions.add(SingleAction.createRemoveFileSingleAction(
                        old.toRemoveFileRow(false, Optional.of(System.currentTimeMillis()))));
                actions.add(copy(old, file));
            }
            for (DataFile file : commit.files()) {
                actions.add(add(state, commit.path(), file));
            }
            commit.offsets()
                    .forEach((partition, range) -> actions.add(SingleAction.createTxnSingleAction(new SetTransaction(
                                    FENCE + partition, range.last() + 1, Optional.of(System.currentTimeMillis()))
                            .toRow())));
            actions.add(SingleAction.createTxnSingleAction(
                    new SetTransaction(FILES, files, Optional.of(System.currentTimeMillis())).toRow()));
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
        Snapshot snapshot = at(commit.path(), expected);
        // no retries by Kernel: it would not look at the fences again
        var builder = snapshot.buildUpdateTableTransaction(ENGINE, Operation.STREAMING_UPDATE)
                .withMaxRetries(0);
        StructType wider = DeltaSchema.with(snapshot.getSchema(), commit.columns());
        if (!wider.equals(snapshot.getSchema())) {
            builder = builder.withUpdatedSchema(wider);
        }
        return builder.build(engine);
    }

    private Snapshot at(String path, long version) throws Conflict {
        Snapshot snapshot = snapshot(path);
        if (snapshot == null || snapshot.getVersion() != version) {
            throw new Conflict(new IllegalStateException("the table is not at version " + version));
        }
        return snapshot;
    }

    /** The file's own entry for its copy; only the statistics are of types that may have gone. */
    private static Row copy(AddFile old, Replaced file) {
        String encoded = old.getPath();
        String name = file.copy().substring(file.copy().lastIndexOf('/') + 1);
        return SingleAction.createAddFileSingleAction(AddFile.createAddFileRow(
                NO_BOUNDS,
                encoded.substring(0, encoded.lastIndexOf('/') + 1) + name,
                old.getPartitionValues(),
                file.size(),
                System.currentTimeMillis(),
                false,
                Optional.empty(),
                old.getTags(),
                old.getBaseRowId(),
                old.getDefaultRowCommitVersion(),
                Optional.of(rowCount(file.rows()))));
    }

    /** With {@link #NO_BOUNDS}: deltalake takes empty bounds for bounds that exclude every value. */
    private static DataFileStatistics rowCount(long rows) {
        return new DataFileStatistics(rows, Map.of(), Map.of(), Map.of(), Optional.empty());
    }

    private Row add(Row state, String path, DataFile file) {
        DataFileStatus status = new DataFileStatus(
                location(path) + "/" + file.path(),
                file.size(),
                System.currentTimeMillis(),
                Optional.of(rowCount(file.rows())));
        return SingleAction.createAddFileSingleAction(AddFile.convertDataFileStatus(
                        NO_BOUNDS,
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
