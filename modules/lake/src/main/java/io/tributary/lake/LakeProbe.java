package io.tributary.lake;

import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.Reach;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.common.TopicPartition;

/** Asks the lake, before a job starts, whether it can be written and how far its tables come. */
public final class LakeProbe {
    /** The folder of the tables as their source has them. */
    public static final String CURRENT = "current/";

    private static final int READERS = 8;

    private LakeProbe() {}

    /** @throws UnreachableException if nothing can be written there */
    public static void check(LakeSettings lake) {
        Path probe = new Path(lake.uri() + "/.tributary-" + UUID.randomUUID());
        try {
            FileSystem files = probe.getFileSystem();
            files.mkdirs(new Path(lake.uri()));
            try (FSDataOutputStream out = files.create(probe, FileSystem.WriteMode.NO_OVERWRITE)) {
                out.write(0);
            }
            files.delete(probe, false);
            if (!LogFiles.putsIfAbsent(lake.uri())) {
                throw new UnreachableException(
                        "'sinks.lake.path' " + lake.path() + ": the object store ignores"
                                + " If-None-Match, so that two writers could overwrite each other's commits; use one that does not");
            }
        } catch (IOException e) {
            throw new UnreachableException(
                    "cannot write the lake at 'sinks.lake.path' " + lake.path() + ": " + e.getMessage());
        }
    }

    /** @throws UnreachableException if there is no such folder */
    public static void checkThere(LakeSettings lake) {
        String why = "there is no such folder";
        try {
            Path folder = new Path(lake.uri());
            if (folder.getFileSystem().exists(folder)) {
                return;
            }
        } catch (IOException e) {
            why = e.getMessage();
        }
        throw new UnreachableException("cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + why);
    }

    /** How far the lake comes: its histories, its dead letters, and its tables as their source has them. Each log is read once. */
    static Reach reach(LakeSettings lake) {
        Reach histories = Reach.of(reached(lake));
        Map<SourcePartition, Long> ends = new HashMap<>(histories.ends());
        try {
            new DeltaLog(lake.uri())
                    .read(LakePath.of(DeadLetters.TABLE))
                    .fences()
                    .forEach((partition, next) -> ends.merge(partition, next, Math::max));
        } catch (IOException e) {
            throw unreadable(lake, e);
        }
        Map<Long, Map<SourcePartition, Long>> rows = new HashMap<>();
        if (lake.currentEvery() != null) {
            states(lake, CURRENT).values().forEach(state -> state.parts()
                    .forEach((part, offsets) -> rows.put(Long.parseUnsignedLong(part.id(), 16), offsets)));
        }
        return new Reach(histories.tables(), ends, rows);
    }

    /** What the folder of a table is called, as {@link #fences} has it. */
    public static String folder(String table) {
        return LakePath.folder(table);
    }

    /** Where the history of a table is below the lake. */
    public static String history(String table) {
        return LakePath.HISTORY + LakePath.folder(table);
    }

    /** The tables in a folder of the lake, several read at once: each takes some requests one after another. */
    private static Map<String, TableLog.State> states(LakeSettings lake, String folder) {
        ExecutorService threads = Executors.newFixedThreadPool(READERS);
        try {
            TableLog tables = new DeltaLog(lake.uri());
            Map<String, Future<TableLog.State>> reads = new TreeMap<>();
            for (String place : List.of(folder, LakePath.LEDGERS + folder)) {
                Path path = new Path(lake.uri() + "/" + place);
                FileSystem files = path.getFileSystem();
                for (FileStatus table : files.exists(path) ? files.listStatus(path) : new FileStatus[0]) {
                    String name = table.getPath().getName();
                    reads.put(name, threads.submit(() -> tables.read(place + name)));
                }
            }
            Map<String, TableLog.State> states = new TreeMap<>();
            for (Map.Entry<String, Future<TableLog.State>> read : reads.entrySet()) {
                states.put(read.getKey(), read.getValue().get());
            }
            return states;
        } catch (IOException e) {
            throw unreadable(lake, e);
        } catch (ExecutionException e) {
            throw unreadable(lake, e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreadable(lake, e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static UnreachableException unreadable(LakeSettings lake, Throwable why) {
        return new UnreachableException(
                "cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + why.getMessage());
    }

    /** How far each table of the history comes, by its folder. */
    public static Map<String, Reached> reached(LakeSettings lake) {
        Map<String, Reached> reached = new HashMap<>();
        states(lake, LakePath.HISTORY)
                .forEach((name, state) -> reached.put(name, new Reached(state.fences(), state.topicIds())));
        return reached;
    }

    /** The next offset that each table of the history needs, by table, topic and partition. */
    public static Map<String, Map<TopicPartition, Long>> fences(LakeSettings lake) {
        Map<String, Map<TopicPartition, Long>> fences = new HashMap<>();
        reached(lake).forEach((name, reached) -> {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            reached.next().forEach((p, next) -> offsets.put(new TopicPartition(p.topic(), p.partition()), next));
            fences.put(name, offsets);
        });
        return fences;
    }
}
