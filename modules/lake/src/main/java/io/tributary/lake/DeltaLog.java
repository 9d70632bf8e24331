package io.tributary.lake;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.exceptions.TableAlreadyExistsException;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.ScanImpl;
import io.delta.kernel.internal.actions.RemoveFile;
import io.delta.kernel.internal.replay.ActionsIterator;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.transaction.DataLayoutSpec;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.tributary.change.SourcePartition;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Delta logs of a lake's tables: with its files and fences, the only class that knows Delta Kernel's internals. */
final class DeltaLog implements TableLog {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaLog.class);
    private static final String ENGINE = "Tributary";
    private static final JsonMapper JSON = new JsonMapper();
    private static final StructType REMOVES = new StructType().add("remove", RemoveFile.FULL_SCHEMA);

    private static final Map<String, String> MAPPED = Map.of("delta.columnMapping.mode", "name");

    private final String lake;
    private final FileIO files;
    private final Engine engine;

    /** A version that was read. */
    private record Read(Snapshot snapshot) implements View {}

    /** @param lake a URI */
    DeltaLog(String lake) {
        this.lake = lake;
        this.files = LogFiles.of(lake);
        this.engine = DefaultEngine.create(files);
    }

    @Override
    public State read(String path) throws IOException {
        Snapshot snapshot = snapshot(path);
        if (snapshot == null) {
            return State.ABSENT;
        }
        DeltaFences fences = DeltaFences.read(engine, snapshot);
        return new State(
                snapshot.getVersion(),
                DeltaSchema.columns(snapshot.getSchema()),
                fences.fences(),
                fences.topicIds(),
                fences.parts(),
                fences.files(),
                new Read(snapshot));
    }

    @Override
    public boolean isAt(String path, State state) throws IOException {
        return state.version() >= 0 && LogFiles.exists(files, logEntry(path, state.version()));
    }

    @Override
    public Columns columns(String path, Columns known) throws IOException {
        if (known.version() < 0 && !LogFiles.hasLog(files, location(path))) {
            return known;
        }
        long version = known.version();
        if (version >= 0 && LogFiles.exists(files, logEntry(path, version))) { // else the log has been cleaned
            String next = logEntry(path, version + 1);
            while (LogFiles.exists(files, next) && !changesColumns(next)) {
                version++;
                next = logEntry(path, version + 1);
            }
            if (!LogFiles.exists(files, next)) {
                return version == known.version() ? known : new Columns(version, known.list());
            }
        }
        Snapshot snapshot = snapshot(path);
        return snapshot == null
                ? new Columns(-1, List.of())
                : new Columns(snapshot.getVersion(), DeltaSchema.columns(snapshot.getSchema()));
    }

    private String logEntry(String path, long version) {
        return location(path) + "/_delta_log/%020d.json".formatted(version);
    }

    private boolean changesColumns(String entry) throws IOException {
        try (InputStream in = files.newInputFile(entry, -1).newStream();
                BufferedReader actions = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String action = actions.readLine(); action != null; action = actions.readLine()) {
                if (action.contains("\"metaData\"")) {
                    return true;
                }
            }
            return false;
        } catch (FileNotFoundException e) {
            return true; // the log has been cleaned
        }
    }

    @Override
    public List<LiveFile> files(String path, State state) throws IOException {
        Snapshot snapshot = snapshot(state);
        return snapshot == null ? List.of() : files(path, snapshot);
    }

    private static @Nullable Snapshot snapshot(State state) {
        return state.view() instanceof Read read ? read.snapshot() : null;
    }

    private List<LiveFile> files(String path, Snapshot snapshot) throws IOException {
        List<LiveFile> live = new ArrayList<>();
        ScanImpl scan = (ScanImpl) snapshot.getScanBuilder().build();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine, true)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    while (rows.hasNext()) {
                        Row add = rows.next().getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL);
                        live.add(DeltaFiles.live(path, add));
                    }
                }
            }
        }
        return live;
    }

    @Override
    public Map<String, Long> givenUp(String path, State state) throws IOException {
        Map<String, Long> paths = new HashMap<>();
        Snapshot snapshot = snapshot(state);
        if (snapshot == null) {
            return paths;
        }
        try (ActionsIterator actions =
                new ActionsIterator(engine, DeltaFences.log(snapshot), REMOVES, Optional.empty())) {
            while (actions.hasNext()) {
                try (CloseableIterator<Row> rows =
                        actions.next().getColumnarBatch().getRows()) {
                    while (rows.hasNext()) {
                        Row row = rows.next();
                        if (!row.isNullAt(0)) {
                            RemoveFile file = new RemoveFile(row.getStruct(0));
                            givenUp(path, file)
                                    .ifPresent(gone -> paths.merge(
                                            gone, file.getDeletionTimestamp().orElse(Long.MAX_VALUE), Math::max));
                        }
                    }
                }
            }
        }
        return paths;
    }

    /** What is given up is deleted some day; what is not the table's stays. */
    private static Optional<String> givenUp(String table, RemoveFile file) {
        try {
            return Optional.of(LakePath.within(table, file.getPath()));
        } catch (LakeConflictException e) {
            LOG.warn("nothing is deleted for a removal: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private @Nullable Snapshot snapshot(String path) {
        try {
            return TableManager.loadSnapshot(location(path)).build(engine);
        } catch (TableNotFoundException e) {
            return null;
        } catch (RuntimeException e) {
            if (hasCause(e, FileNotFoundException.class) && !hasLog(path)) {
                return null;
            }
            throw e;
        }
    }

    private boolean hasLog(String path) {
        try {
            return LogFiles.hasLog(files, location(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    @Override
    public State commit(String path, State expected, Actions actions) throws Conflict, IOException {
        try {
            Transaction transaction = transaction(path, snapshot(expected), actions);
            List<Row> rows = new ArrayList<>();
            for (LiveFile file : actions.removed()) {
                rows.add(DeltaFiles.remove(file, actions.dataChange()));
            }
            for (Replaced file : actions.replaced()) {
                rows.add(DeltaFiles.remove(file.file(), false));
                rows.add(DeltaFiles.copy(file));
            }
            for (Added added : actions.added()) {
                rows.add(DeltaFiles.add(added, actions.dataChange()));
            }
            rows.addAll(DeltaFences.actions(expected, actions));
            TransactionCommitResult result = transaction.commit(engine, iterable(rows));
            boolean isCheckpoint = runHooks(result, path);
            return after(path, expected, actions, result, isCheckpoint);
        } catch (ConcurrentWriteException | MaxCommitRetryLimitReachedException | TableAlreadyExistsException e) {
            throw new Conflict(e);
        }
    }

    /** The state after the commit, without another look at the log; read again where that has a checkpoint now. */
    private State after(
            String path, State before, Actions actions, TransactionCommitResult result, boolean isCheckpoint)
            throws IOException {
        Snapshot snapshot = result.getPostCommitSnapshot().orElse(null);
        if (snapshot == null || isCheckpoint) { // the log that it knows would grow for ever
            return read(path);
        }
        Map<SourcePartition, Long> fences = new TreeMap<>(before.fences());
        fences.putAll(actions.fences());
        Map<String, String> topicIds = new TreeMap<>(before.topicIds());
        actions.topicIds().forEach(topicIds::putIfAbsent);
        Map<Part, Map<SourcePartition, Long>> parts = new HashMap<>(before.parts());
        parts.putAll(actions.parts());
        return new State(
                result.getVersion(),
                DeltaSchema.columns(snapshot.getSchema()),
                fences,
                topicIds,
                parts,
                actions.files(),
                new Read(snapshot));
    }

    private Transaction transaction(String path, @Nullable Snapshot snapshot, Actions actions) {
        if (snapshot == null) {
            var builder = TableManager.buildCreateTableTransaction(
                            location(path), DeltaSchema.with(new StructType(), actions.columns()), ENGINE)
                    .withTableProperties(MAPPED)
                    .withMaxRetries(0);
            boolean isPartitioned = actions.columns().contains(TableLayout.DT);
            return (isPartitioned
                            ? builder.withDataLayoutSpec(
                                    DataLayoutSpec.partitioned(List.of(new Column(TableLayout.DT.name()))))
                            : builder)
                    .build(engine);
        }
        // no retries by Kernel: it would not look at the fences again
        var builder = snapshot.buildUpdateTableTransaction(ENGINE, Operation.STREAMING_UPDATE)
                .withMaxRetries(0);
        StructType wider = DeltaSchema.with(snapshot.getSchema(), actions.columns());
        if (!wider.equals(snapshot.getSchema())) {
            builder = builder.withUpdatedSchema(wider);
        }
        return builder.build(engine);
    }

    @Override
    public List<DataFile> announced(String path, State state) throws IOException {
        List<DataFile> announced = new ArrayList<>();
        if (state.version() < 0) {
            return announced;
        }
        try (InputStream in =
                        files.newInputFile(logEntry(path, state.version()), -1).newStream();
                BufferedReader actions = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String action = actions.readLine(); action != null; action = actions.readLine()) {
                DataFile file = DeltaFiles.announced(JSON.readTree(action).path("add"));
                if (file != null) {
                    announced.add(file);
                }
            }
        } catch (FileNotFoundException e) {
            return List.of(); // the log has been cleaned: it was long ago
        }
        return announced;
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

    /** Checkpoints of the log and checksums; the commit stands whatever becomes of them. Whether one was a checkpoint. */
    @SuppressWarnings("CatchingUnchecked")
    private boolean runHooks(TransactionCommitResult result, String path) {
        boolean isCheckpoint = false;
        for (PostCommitHook hook : result.getPostCommitHooks()) {
            try {
                hook.threadSafeInvoke(engine);
            } catch (Exception e) {
                LOG.warn("{} after the commit of {} failed; the commit stands", hook.getType(), path, e);
            }
            isCheckpoint |= hook.getType() == PostCommitHook.PostCommitHookType.CHECKPOINT;
        }
        return isCheckpoint;
    }
}
