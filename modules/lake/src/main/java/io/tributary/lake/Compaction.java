package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.tributary.lake.TableLog.Actions;
import io.tributary.lake.TableLog.Added;
import io.tributary.lake.TableLog.LiveFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes few large files of many small ones, beside the running job, and deletes files that no version within the retention has.
 * A commit changes no row: readers of changes see none.
 */
public final class Compaction {
    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
    /** Past this many bytes the next file is begun. */
    private static final long FILE = 512L << 20;

    private static final int ATTEMPTS = 20;
    /** How long files are kept that no commit names: a running job may be about to. */
    private static final Duration UNNAMED = Duration.ofDays(1);

    private final String lake;
    private final FileIO files;
    private final TableLog tables;

    /** @param lake a URI */
    public Compaction(String lake) {
        this.lake = lake;
        this.files = LogFiles.of(lake);
        this.tables = new DeltaLog(lake);
    }

    /**
     * What became of a table.
     *
     * @param before how many files the rewritten partitions had
     * @param after how many they have
     */
    public record Outcome(int partitions, int before, int after) {}

    /** The tables below the lake: histories and dead letters as one name, others as two. */
    public List<String> tables() throws IOException {
        List<String> found = new ArrayList<>();
        for (String folder : folders("")) {
            if (LogFiles.hasLog(files, lake + "/" + folder)) {
                found.add(folder);
                continue;
            }
            for (String table : folders(folder)) {
                if (LogFiles.hasLog(files, lake + "/" + folder + "/" + table)) {
                    found.add(folder + "/" + table);
                }
            }
        }
        return found;
    }

    private List<String> folders(String below) throws IOException {
        Path path = new Path(lake + "/" + below);
        FileSystem system = path.getFileSystem();
        List<String> names = new ArrayList<>();
        for (FileStatus file : system.exists(path) ? system.listStatus(path) : new FileStatus[0]) {
            if (file.isDir() && !file.getPath().getName().startsWith("_")) {
                names.add(file.getPath().getName());
            }
        }
        names.sort(null);
        return names;
    }

    /**
     * Rewrites the partitions of days that are over.
     *
     * @param before the first day that is left alone
     */
    public Outcome compact(String table, LocalDate before) throws IOException {
        TableLog.State state = tables.read(table);
        Map<Integer, List<LiveFile>> byDay = new TreeMap<>();
        for (LiveFile file : tables.files(table, state)) {
            if (file.epochDay() != DataFile.NO_DAY && file.epochDay() < before.toEpochDay()) {
                byDay.computeIfAbsent(file.epochDay(), day -> new ArrayList<>()).add(file);
            }
        }
        int partitions = 0;
        int were = 0;
        int are = 0;
        for (Map.Entry<Integer, List<LiveFile>> day : byDay.entrySet()) {
            long small = day.getValue().stream()
                    .filter(file -> file.size() < FILE / 2)
                    .count();
            if (small < 2) {
                continue;
            }
            List<DataFile> whole = rewrite(table, state.columns(), day.getKey(), day.getValue());
            if (replace(table, day.getValue(), whole)) {
                partitions++;
                were += day.getValue().size();
                are += whole.size();
            }
        }
        return new Outcome(partitions, were, are);
    }

    private List<DataFile> rewrite(String table, List<LakeColumn> columns, int day, List<LiveFile> small)
            throws IOException {
        MessageType schema = new MessageType(
                "row",
                columns.stream()
                        .filter(column -> !column.equals(TableLayout.DT))
                        .map(RowWriteSupport::field)
                        .toList());
        List<DataFile> made = new ArrayList<>();
        Large large = null;
        try {
            for (LiveFile file : small) {
                try (ParquetReader<Group> rows = new Rows(new ParquetInput(path(table, file.path())), schema).build()) {
                    for (Group row = rows.read(); row != null; row = rows.read()) {
                        large = large == null ? new Large(table, day, schema) : large;
                        large.writer.write(row);
                        if (large.writer.getDataSize() >= FILE) {
                            made.add(large.finish());
                            large = null;
                        }
                    }
                }
            }
            if (large != null) {
                made.add(large.finish());
                large = null;
            }
            return made;
        } finally {
            if (large != null) {
                large.out.close();
            }
        }
    }

    /** A large file; no entry of the log names it before {@link #replace}. */
    private final class Large {
        final int day;
        final String name;
        final FSDataOutputStream out;
        final ParquetWriter<Group> writer;

        Large(String table, int day, MessageType schema) throws IOException {
            this.day = day;
            this.name = "dt=" + LocalDate.ofEpochDay(day) + "/part-" + UUID.randomUUID() + ".zstd.parquet";
            Path path = path(table, name);
            FileSystem system = path.getFileSystem();
            this.out = system.create(path, FileSystem.WriteMode.NO_OVERWRITE);
            this.writer = ExampleParquetWriter.builder(new ParquetOutput(out))
                    .withType(schema)
                    .withConf(new PlainParquetConfiguration())
                    .withCompressionCodec(CompressionCodecName.ZSTD)
                    .withRowGroupSize(ParquetRows.ROW_GROUP)
                    .withDictionaryEncoding(false)
                    .withDictionaryEncoding("_op", true)
                    .withDictionaryEncoding("_topic", true)
                    .build();
        }

        DataFile finish() throws IOException {
            writer.close();
            long size = out.getPos();
            out.sync(); // what it replaces may be vacuumed
            out.close();
            return new DataFile(name, day, size, FileStats.of(writer.getFooter(), column -> -1), 0, new byte[0]);
        }
    }

    private static final class Rows extends ParquetReader.Builder<Group> {
        private final MessageType schema;

        Rows(InputFile file, MessageType schema) {
            super(file, new PlainParquetConfiguration());
            this.schema = schema;
        }

        @Override
        protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport() {
                @Override
                public ReadContext init(
                        ParquetConfiguration configuration, Map<String, String> metadata, MessageType fileSchema) {
                    return new ReadContext(schema); // what a file lacks is null
                }
            };
        }
    }

    /** Commits; false if the running job has rewritten one of the files meanwhile. */
    private boolean replace(String table, List<LiveFile> small, List<DataFile> whole) throws IOException {
        Set<String> wanted = new HashSet<>();
        small.forEach(file -> wanted.add(file.path()));
        for (int attempt = 1; ; attempt++) {
            TableLog.State state = tables.read(table);
            List<LiveFile> there = tables.files(table, state).stream()
                    .filter(file -> wanted.contains(file.path()))
                    .toList();
            if (there.size() < wanted.size()) {
                LOG.info("{}: files were rewritten meanwhile: left for the next time", table);
                for (DataFile file : whole) {
                    files.delete(lake + "/" + table + "/" + file.path());
                }
                return false;
            }
            List<Added> added =
                    whole.stream().map(file -> new Added(file, null, false)).toList();
            try {
                tables.commit(
                        table,
                        state,
                        new Actions(
                                state.columns(),
                                added,
                                List.of(),
                                there,
                                Map.of(),
                                Map.of(),
                                Map.of(),
                                state.files(),
                                false));
                return true;
            } catch (TableLog.Conflict e) {
                if (attempt == ATTEMPTS) {
                    throw new IOException(
                            "cannot commit to " + table + ": others come first, " + ATTEMPTS + " times", e);
                }
            }
        }
    }

    /**
     * Deletes data files that no version since the retention has.
     *
     * @return how many
     */
    public int vacuum(String table, Duration retention) throws IOException {
        TableLog.State state = tables.read(table);
        Set<String> live = new HashSet<>();
        tables.files(table, state).forEach(file -> live.add(file.path()));
        return new Vacuum(table, live, tables.givenUp(table, state), System.currentTimeMillis(), retention).in("");
    }

    private final class Vacuum {
        private final String table;
        private final Set<String> live;
        private final Map<String, Long> givenUp;
        private final long now;
        private final Duration retention;

        Vacuum(String table, Set<String> live, Map<String, Long> givenUp, long now, Duration retention) {
            this.table = table;
            this.live = live;
            this.givenUp = givenUp;
            this.now = now;
            this.retention = retention;
        }

        int in(String below) throws IOException {
            int deleted = 0;
            Path folder = path(table, below);
            for (FileStatus file : folder.getFileSystem().listStatus(folder)) {
                String name = below + file.getPath().getName();
                if (isLink(name)) {
                    continue; // what is beyond it is not the table's
                }
                if (file.isDir()) {
                    deleted += file.getPath().getName().equals("_delta_log") ? 0 : in(name + "/");
                } else if (isGone(name, file)) {
                    deleted += files.delete(lake + "/" + table + "/" + name) ? 1 : 0;
                }
            }
            return deleted;
        }

        private boolean isLink(String name) {
            String path = lake + "/" + table + "/" + name;
            return !LogFiles.isObjectStore(lake)
                    && Files.isSymbolicLink(java.nio.file.Path.of(new Path(path).getPath()));
        }

        private boolean isGone(String name, FileStatus file) {
            if (live.contains(name)) {
                return false;
            }
            Long since = givenUp.get(name);
            return since != null
                    ? since < now - retention.toMillis()
                    : file.getModificationTime() < now - Math.max(retention.toMillis(), UNNAMED.toMillis());
        }
    }

    private Path path(String table, String file) {
        return new Path(lake + "/" + table + (file.isEmpty() ? "" : "/" + file));
    }
}
