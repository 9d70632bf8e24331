package io.tributary.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.delta.kernel.Operation;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.MapValue;
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
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.RemoveFile;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.GenericRow;
import io.delta.kernel.internal.replay.ActionsIterator;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.transaction.DataLayoutSpec;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.tributary.change.SourcePartition;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Delta tables of a lake: the only class that knows Delta Kernel's internals. A table's fences are its {@code txn}
 * actions, an application id for each source partition and the next offset as its version; one more has the number of files,
 * and one for each topic its id.
 * Of a table whose parts are replaced each part has fences of its own, and each file the part it is of as a tag.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#transaction-identifiers">transaction
 *     identifiers</a>
 */
final class DeltaTables {
    private static final Logger LOG = LoggerFactory.getLogger(DeltaTables.class);
    private static final String ENGINE = "Tributary";
    private static final String FENCE = "tributary:";
    private static final String PART_FENCE = "tributary-part:";
    private static final String TOPIC = "tributary-topic:";
    private static final String FILES = "tributary-files";
    private static final String PART = "tributary.part";
    private static final String ANNOUNCED = "tributary.announced";
    private static final JsonMapper JSON = new JsonMapper();
    private static final StructType REMOVES = new StructType().add("remove", RemoveFile.FULL_SCHEMA);
    private static final StructType TRANSACTIONS = new StructType().add("txn", SetTransaction.FULL_SCHEMA);

    private static final Map<String, String> MAPPED = Map.of("delta.columnMapping.mode", "name");

    private final String lake;
    private final FileIO files;
    private final Engine engine;

    /**
     * What a version of a table holds; version -1 and nothing for a table that is not there.
     *
     * @param topicIds of which topics it is, by name, where that is known
     * @param parts the fences of each part, of a table whose parts are replaced
     * @param files how many files were ever added by checkpoints
     */
    record State(
            long version,
            List<LakeColumn> columns,
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds,
            Map<Part, Map<SourcePartition, Long>> parts,
            long files,
            @Nullable Snapshot snapshot) {
        static final State ABSENT = new State(-1, List.of(), Map.of(), Map.of(), Map.of(), 0, null);
    }

    /** What the {@code txn} actions say. */
    private record Transactions(
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds,
            Map<Part, Map<SourcePartition, Long>> parts,
            long files) {
        void put(String application, long version) {
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
    }

    /** A table's columns as of a version, or of an earlier one since which they have not changed. */
    record Columns(long version, List<LakeColumn> list) {}

    /**
     * A data file of a version.
     *
     * @param path below its table
     * @param part which part of the table it has, or null
     * @param epochDay its partition, or {@link DataFile#NO_DAY}
     * @param size in bytes
     * @param stats as {@link FileStats} has them, if the log has any
     * @param add its entry in the log
     */
    record LiveFile(
            String path,
            @Nullable Part part,
            int epochDay,
            long size,
            @Nullable String stats,
            Row add) {}

    /**
     * A data file to be replaced by a copy with the same rows.
     *
     * @param copy the copy's path, in the folder of the file
     * @param stats as {@link FileStats} has them
     */
    record Replaced(LiveFile file, String copy, long size, String stats) {}

    /**
     * A data file to be added.
     *
     * @param part which part of the table it is of, or null
     * @param isAnnounced whether it becomes visible after the commit: then the log has what makes it so
     */
    record Added(DataFile file, @Nullable Part part, boolean isAnnounced) {}

    /**
     * What a commit does.
     *
     * @param columns the table's to be: as wide, in the files added and in all that remain
     * @param replaced the table's files that are given up for copies
     * @param removed the table's files that are given up
     * @param fences to be moved
     * @param topicIds of the topics, where they are known
     * @param parts the fences of parts to be moved
     * @param files how many files checkpoints have added then
     * @param dataChange whether the table has other rows then
     */
    record Actions(
            List<LakeColumn> columns,
            List<Added> added,
            List<Replaced> replaced,
            List<LiveFile> removed,
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds,
            Map<Part, Map<SourcePartition, Long>> parts,
            long files,
            boolean dataChange) {}

    /** Another commit came between: read the table again. */
    static final class Conflict extends Exception {
        Conflict(Throwable cause) {
            super(cause);
        }
    }

    /** @param lake a URI */
    DeltaTables(String lake) {
        this.lake = lake;
        this.files = LogFiles.of(lake);
        this.engine = DefaultEngine.create(files);
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
                transactions.topicIds(),
                transactions.parts(),
                transactions.files(),
                snapshot);
    }

    /** Whether a version that was read is still in the table's log: not where an older copy was put in its place. */
    boolean isAt(String path, State state) throws IOException {
        return state.version() >= 0 && LogFiles.exists(files, logEntry(path, state.version()));
    }

    /** The table's columns as they are now; the same list where no commit since has changed them, seen by those alone. */
    Columns columns(String path, Columns known) throws IOException {
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

    /**
     * The table's data files.
     *
     * @throws Conflict if the table is not at that version any more
     */
    List<LiveFile> files(String path, long version) throws Conflict, IOException {
        Snapshot snapshot = snapshot(path);
        if (snapshot == null || snapshot.getVersion() != version) {
            throw new Conflict(new IllegalStateException("the table is not at version " + version));
        }
        return files(path, snapshot);
    }

    /** The data files of a version that was read, or committed. */
    List<LiveFile> files(String path, State state) throws IOException {
        return state.snapshot() == null ? List.of() : files(path, state.snapshot());
    }

    private List<LiveFile> files(String path, Snapshot snapshot) throws IOException {
        List<LiveFile> live = new ArrayList<>();
        ScanImpl scan = (ScanImpl) snapshot.getScanBuilder().build();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine, true)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    while (rows.hasNext()) {
                        Row add = rows.next().getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL);
                        live.add(live(path, new AddFile(add), add));
                    }
                }
            }
        }
        return live;
    }

    private static LiveFile live(String table, AddFile file, Row add) throws IOException {
        if (file.getDeletionVector().isPresent()) {
            throw new IOException("cannot rewrite %s of %s: it has a deletion vector".formatted(file.getPath(), table));
        }
        String part = file.getTags()
                .map(tags -> VectorUtils.<String, String>toJavaMap(tags).get(PART))
                .orElse(null);
        return new LiveFile(
                LakePath.within(table, file.getPath()),
                part == null ? null : Part.parse(part),
                day(file),
                file.getSize(),
                file.getStatsJson().orElse(null),
                add);
    }

    private static int day(AddFile file) {
        String day =
                VectorUtils.<String, String>toJavaMap(file.getPartitionValues()).get(TableLayout.DT.name());
        return day == null ? DataFile.NO_DAY : (int) LocalDate.parse(day).toEpochDay();
    }

    /** The files that commits have given up, and when: older versions still have them. */
    Map<String, Long> givenUp(String path, State state) throws IOException {
        Map<String, Long> paths = new HashMap<>();
        if (state.snapshot() == null) {
            return paths;
        }
        try (ActionsIterator actions = new ActionsIterator(engine, log(state.snapshot()), REMOVES, Optional.empty())) {
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

    /** The newest first. */
    private static List<FileStatus> log(Snapshot snapshot) {
        List<FileStatus> log = new ArrayList<>(snapshot.getLogSegment().getDeltas());
        log.addAll(snapshot.getLogSegment().getCheckpoints());
        log.sort(Comparator.comparing((FileStatus file) ->
                        file.getPath().substring(file.getPath().lastIndexOf('/') + 1))
                .reversed());
        return log;
    }

    /** All fences in one pass over the log. */
    private Transactions transactions(Snapshot snapshot) throws IOException {
        Transactions found = new Transactions(new TreeMap<>(), new TreeMap<>(), new HashMap<>(), 0);
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
        return new Transactions(found.fences(), found.topicIds(), found.parts(), Math.max(0, files));
    }

    /**
     * Commits to a table; makes it if it is not there.
     *
     * @param expected what the commit was decided by
     * @return what the table holds then
     * @throws Conflict if another commit came first
     */
    State commit(String path, State expected, Actions actions) throws Conflict, IOException {
        try {
            Transaction transaction = transaction(path, expected.snapshot(), actions);
            List<Row> rows = new ArrayList<>();
            for (LiveFile file : actions.removed()) {
                rows.add(remove(new AddFile(file.add()), actions.dataChange()));
            }
            for (Replaced file : actions.replaced()) {
                AddFile old = new AddFile(file.file().add());
                rows.add(remove(old, false));
                rows.add(copy(old, file));
            }
            for (Added added : actions.added()) {
                rows.add(add(added, actions.dataChange()));
            }
            actions.fences().forEach((partition, next) -> rows.add(transaction(FENCE + partition, next)));
            actions.topicIds().forEach((topic, id) -> {
                if (!expected.topicIds().containsKey(topic)) {
                    rows.add(transaction(TOPIC + id + ":" + topic, 1));
                }
            });
            actions.parts()
                    .forEach((part, ends) -> ends.forEach(
                            (partition, next) -> rows.add(transaction(PART_FENCE + part + ":" + partition, next))));
            rows.add(transaction(FILES, actions.files()));
            TransactionCommitResult result = transaction.commit(engine, iterable(rows));
            boolean isCheckpoint = runHooks(result, path);
            return after(path, expected, actions, result, isCheckpoint);
        } catch (ConcurrentWriteException | MaxCommitRetryLimitReachedException | TableAlreadyExistsException e) {
            throw new Conflict(e);
        }
    }

    private static Row remove(AddFile file, boolean dataChange) {
        return SingleAction.createRemoveFileSingleAction(
                file.toRemoveFileRow(dataChange, Optional.of(System.currentTimeMillis())));
    }

    private static Row transaction(String application, long version) {
        return SingleAction.createTxnSingleAction(
                new SetTransaction(application, version, Optional.of(System.currentTimeMillis())).toRow());
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
                snapshot);
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

    /** The file's own entry for its copy. */
    private static Row copy(AddFile old, Replaced file) {
        String encoded = old.getPath();
        String name = file.copy().substring(file.copy().lastIndexOf('/') + 1);
        return add(
                encoded.substring(0, encoded.lastIndexOf('/') + 1) + name,
                old.getPartitionValues(),
                file.size(),
                false,
                old.getTags(),
                file.stats());
    }

    private static Row add(Added added, boolean dataChange) {
        DataFile file = added.file();
        Map<String, String> partition = file.isPartitioned()
                ? Map.of(
                        TableLayout.DT.name(),
                        LocalDate.ofEpochDay(file.epochDay()).toString())
                : Map.of();
        return add(
                file.path(), // of letters that no URI encodes
                VectorUtils.stringStringMapValue(partition),
                file.size(),
                dataChange,
                tags(added),
                file.stats());
    }

    private static Optional<MapValue> tags(Added added) {
        Map<String, String> tags = new TreeMap<>();
        if (added.part() != null) {
            tags.put(PART, added.part().toString());
        }
        if (added.isAnnounced()) {
            DataFile file = added.file();
            tags.put(
                    ANNOUNCED, file.pendingVersion() + ":" + Base64.getEncoder().encodeToString(file.pending()));
        }
        return tags.isEmpty() ? Optional.empty() : Optional.of(VectorUtils.stringStringMapValue(tags));
    }

    /** The files that the newest commit announced, and which may not be visible yet. */
    List<DataFile> announced(String path, State state) throws IOException {
        List<DataFile> announced = new ArrayList<>();
        if (state.version() < 0) {
            return announced;
        }
        try (InputStream in =
                        files.newInputFile(logEntry(path, state.version()), -1).newStream();
                BufferedReader actions = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String action = actions.readLine(); action != null; action = actions.readLine()) {
                JsonNode add = JSON.readTree(action).path("add");
                String pending = add.path("tags").path(ANNOUNCED).asText();
                if (!pending.isEmpty()) {
                    int colon = pending.indexOf(':');
                    announced.add(new DataFile(
                            add.path("path").asText(),
                            DataFile.NO_DAY,
                            add.path("size").asLong(),
                            add.path("stats").asText(),
                            Integer.parseInt(pending.substring(0, colon)),
                            Base64.getDecoder().decode(pending.substring(colon + 1))));
                }
            }
        } catch (FileNotFoundException e) {
            return List.of(); // the log has been cleaned: it was long ago
        }
        return announced;
    }

    private static Row add(
            String path, MapValue partition, long size, boolean dataChange, Optional<MapValue> tags, String stats) {
        StructType schema = AddFile.SCHEMA_WITH_STATS;
        Map<Integer, Object> values = new HashMap<>();
        values.put(schema.indexOf("path"), path);
        values.put(schema.indexOf("partitionValues"), partition);
        values.put(schema.indexOf("size"), size);
        values.put(schema.indexOf("modificationTime"), System.currentTimeMillis());
        values.put(schema.indexOf("dataChange"), dataChange);
        values.put(schema.indexOf("stats"), stats);
        tags.ifPresent(map -> values.put(schema.indexOf("tags"), map));
        return SingleAction.createAddFileSingleAction(new GenericRow(schema, values));
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
