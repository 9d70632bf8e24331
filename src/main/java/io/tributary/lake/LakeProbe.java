package io.tributary.lake;

import io.tributary.change.SourcePartition;
import io.tributary.config.PipelineConfig;
import io.tributary.config.UnreachableException;
import io.tributary.flow.DeadLetters;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.common.TopicPartition;

/** Asks the lake, before a job starts, whether it can be written and how far its tables come. */
public final class LakeProbe {
    /** The folder of the tables as their source has them. */
    public static final String CURRENT = "current/";

    private LakeProbe() {}

    /** @throws UnreachableException if nothing can be written there */
    public static void check(PipelineConfig.Lake lake) {
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
    public static void checkThere(PipelineConfig.Lake lake) {
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

    /** How far the lake comes: the next offset of each partition that any table has, that of the dead letters included. */
    public static Map<TopicPartition, Long> ends(PipelineConfig.Lake lake) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        fences(lake)
                .values()
                .forEach(fences -> fences.forEach((partition, next) -> ends.merge(partition, next, Math::max)));
        try {
            new DeltaTables(lake.uri())
                    .read(LakePath.of(DeadLetters.TABLE))
                    .fences()
                    .forEach((p, next) -> ends.merge(new TopicPartition(p.topic(), p.partition()), next, Math::max));
        } catch (IOException e) {
            throw new UnreachableException(
                    "cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + e.getMessage());
        }
        return ends;
    }

    /** How far the rows come of the tables as their source has them, by bucket. */
    public static Map<Long, Map<SourcePartition, Long>> currentEnds(PipelineConfig.Lake lake) {
        Map<Long, Map<SourcePartition, Long>> ends = new HashMap<>();
        try {
            DeltaTables tables = new DeltaTables(lake.uri());
            for (String table : tables(lake, CURRENT)) {
                tables.read(CURRENT + table)
                        .parts()
                        .forEach((part, offsets) -> ends.put(Long.parseUnsignedLong(part.id(), 16), offsets));
            }
        } catch (IOException e) {
            throw new UnreachableException(
                    "cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + e.getMessage());
        }
        return ends;
    }

    /** Where the history of a table is below the lake. */
    public static String history(String table) {
        return LakePath.HISTORY + LakePath.folder(table);
    }

    /** The tables in a folder of the lake. */
    private static List<String> tables(PipelineConfig.Lake lake, String folder) throws IOException {
        Path path = new Path(lake.uri() + "/" + folder);
        FileSystem files = path.getFileSystem();
        FileStatus[] all = files.exists(path) ? files.listStatus(path) : new FileStatus[0];
        return Arrays.stream(all).map(table -> table.getPath().getName()).toList();
    }

    /** The next offset that each table of the history needs, by table, topic and partition. */
    public static Map<String, Map<TopicPartition, Long>> fences(PipelineConfig.Lake lake) {
        Map<String, Map<TopicPartition, Long>> fences = new HashMap<>();
        try {
            DeltaTables tables = new DeltaTables(lake.uri());
            for (String name : tables(lake, LakePath.HISTORY)) {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                tables.read(LakePath.HISTORY + name)
                        .fences()
                        .forEach((p, next) -> offsets.put(new TopicPartition(p.topic(), p.partition()), next));
                fences.put(name, offsets);
            }
        } catch (IOException e) {
            throw new UnreachableException(
                    "cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + e.getMessage());
        }
        return fences;
    }
}
