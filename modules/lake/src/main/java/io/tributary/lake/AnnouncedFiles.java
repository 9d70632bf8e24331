package io.tributary.lake;

import io.tributary.change.TableFormat;
import io.tributary.lake.TableLog.Added;
import io.tributary.lake.TableLog.LiveFile;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables that readers see without a log. Their files are in a log of ours first, and visible then: whoever comes after a
 * failure finds there what it has to make visible. Files keep the types they have, and a new file takes the place of the old.
 */
final class AnnouncedFiles implements Publication {
    private final TableFormat format;
    private final TableLog log;
    private final PendingFiles pending;
    private final SinkSteps steps;

    AnnouncedFiles(TableFormat format, TableLog log, PendingFiles pending, SinkSteps steps) {
        this.format = format;
        this.log = log;
        this.pending = pending;
        this.steps = steps;
    }

    @Override
    public TableLog.State open(String table) throws IOException {
        TableLog.State state = log.read(LakePath.log(format, table));
        for (DataFile file : log.announced(LakePath.log(format, table), state)) {
            pending.makeVisibleAgain(table, file);
        }
        return state;
    }

    @Override
    public List<LiveFile> files(String table, TableLog.State state) {
        return List.of();
    }

    @Override
    public TableLog.State commit(Parts parts) throws IOException, TableLog.Conflict {
        String table = parts.table();
        List<Added> added = new ArrayList<>();
        parts.list().forEach(part -> part.files().forEach(file -> added.add(new Added(file, part.part(), true))));
        TableLog.State after = log.commit(LakePath.log(format, table), parts.state(), parts.actions(added, List.of()));
        steps.reached(table, LakeStep.LOGGED);
        for (Added file : added) {
            pending.makeVisible(table, file.file(), true);
        }
        steps.reached(table, LakeStep.FILES_VISIBLE);
        return after;
    }
}
