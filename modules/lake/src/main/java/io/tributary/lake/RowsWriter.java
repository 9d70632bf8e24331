package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.OffsetRange;
import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.change.TableName;
import io.tributary.change.TableOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.jspecify.annotations.Nullable;

/** Writes the rows that parts of tables have now: the head of a part, then its rows, then the next; a file each. */
final class RowsWriter implements CommittingSinkWriter<PartRow, LakeCommittable> {
    private final String lake;
    private final String folder;
    private final TableOptions options;
    private final TableLog tables;
    private final RecoverableWriter files;
    private final Map<TableName, WrittenTable> written = new HashMap<>();
    private final List<TableCommit> finished = new ArrayList<>();
    /** As files take rows: the creation of one. */
    private final Change row = new Change();

    private @Nullable OpenPart open;

    /** @param folder of the tables below the lake, with a slash at its end, or empty */
    RowsWriter(String lake, String folder, TableOptions options) throws IOException {
        this.lake = lake;
        this.folder = folder;
        this.options = options;
        this.tables = new DeltaLog(lake);
        this.files = FileSystem.get(new Path(lake).toUri()).createRecoverableWriter();
    }

    /** A part whose rows come. */
    private final class OpenPart {
        final String path;
        final TableFormat format;
        final Part part;
        final TableLayout layout;
        final Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();

        @Nullable
        LakeFile file;

        OpenPart(WrittenTable table, long number, Replacement head) throws IOException {
            this.path = table.path();
            this.format = table.format();
            this.part = new Part(Long.toHexString(number), head.parts());
            this.layout = table.rowLayout(head.schemas(), part.isWhole());
            head.ends().forEach((partition, next) -> offsets.put(partition, new OffsetRange(0, next - 1)));
        }

        void write(PartRow part) throws IOException {
            if (file == null) {
                file = open();
            }
            row.schema = part.schema;
            row.after.set(part.row);
            file.write(row);
        }

        private LakeFile open() throws IOException {
            String table = lake + "/" + path;
            return format == TableFormat.DELTA
                    ? LakeFile.part(format, files, table, DataFile.NO_DAY, layout)
                    : LakeFile.whole(format, files, table, layout);
        }

        TableCommit finish() throws IOException {
            if (file == null && format != TableFormat.DELTA) {
                file = open(); // in the place of the one with the rows that were
            }
            List<DataFile> rows = file == null ? List.of() : List.of(file.finish());
            return new TableCommit(path, format, part, layout.all(), rows, offsets);
        }
    }

    @Override
    public void write(PartRow row, Context context) throws IOException {
        if (row.head != null) {
            finish();
            open = new OpenPart(table(row.head), row.part, row.head);
        } else if (open != null) {
            open.write(row);
        } else {
            throw new IllegalStateException("a row came before the head of its part");
        }
    }

    private WrittenTable table(Replacement head) throws IOException {
        TableName name = head.schemas().get(0).table();
        WrittenTable table = written.get(name);
        if (table == null) {
            String path = folder + LakePath.folder(name.toString());
            TableFormat format = options.formats().of(name);
            TableLog.State state = tables.read(LakePath.log(format, path));
            table = new WrittenTable(
                    tables, path, state, format, options.changes().of(name));
            written.put(name, table);
        }
        return table;
    }

    private void finish() throws IOException {
        if (open != null) {
            finished.add(open.finish());
            open = null;
        }
    }

    @Override
    public void flush(boolean endOfInput) {
        // rows become visible at a checkpoint, not before
    }

    @Override
    public Collection<LakeCommittable> prepareCommit() throws IOException {
        finish();
        if (finished.isEmpty()) {
            return List.of();
        }
        LakeCommittable part = new LakeCommittable(-1, List.copyOf(finished));
        finished.clear();
        return List.of(part);
    }

    @Override
    public void close() {
        if (open != null && open.file != null) {
            open.file.abandon();
        }
    }
}
