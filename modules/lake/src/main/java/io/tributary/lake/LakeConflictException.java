package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.OffsetRange;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.flow.ConflictException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint covers offsets of which a table has some and lacks others: two jobs with different checkpoints wrote it. Or its
 * new columns cannot be named, or are not allowed. There is no commit that would be right.
 */
final class LakeConflictException extends ConflictException {
    private static final String REMEDY =
            ": another job writes this table, or wrote it after this checkpoint was taken; submit the job afresh, without"
                    + " state, and it goes on where the table ends";

    LakeConflictException(String table, LakeColumn one, LakeColumn other) {
        super(
                ("cannot give %s both the column '%s' and '%s': the names differ in case only, and two writers met them at once as"
                                + " new ones; submit the job afresh at parallelism 1 until the table has them")
                        .formatted(table, one.name(), other.name()));
    }

    LakeConflictException(String table, LakeColumn column, @Nullable ColumnType there) {
        super(
                ("%s: the source has the column '%s' of type %s, %s, and 'schema-changes' is fail; set it to evolve or ignore and go on"
                                + " from the last checkpoint")
                        .formatted(
                                table,
                                column.source(),
                                column.type(),
                                there == null ? "which the table has not" : "which the table has as " + there));
    }

    LakeConflictException(String table, String path) {
        super("the log of %s has a file out of its folder, '%s', and so is no log of ours: move the table away"
                .formatted(table, Printable.of(path)));
    }

    LakeConflictException(String table, TableFormat wanted) {
        super(
                "cannot write %s as %s: it is there in another format; set 'format' back, or delete the table's folder and its log"
                        .formatted(table, wanted.name().toLowerCase(Locale.ROOT)));
    }

    LakeConflictException(String table, Part there, Part part) {
        super(
                ("cannot replace parts of %s: it was written with %d buckets, and the table has %d now; set tables.*.buckets back, or"
                                + " stop the job, delete the folder, which can be made again, and submit the job afresh, without state")
                        .formatted(table, there.of(), part.of()));
    }

    /** What the lake has lost, or what it has is of another topic. */
    static LakeConflictException lost(String table, String how) {
        return new LakeConflictException(
                ("cannot add to the lake's table %s: %s. Submit the job afresh, without state: it reads the topics"
                                + " from their beginning, and each sink takes what it lacks. Or restore the table, and go on from the"
                                + " last checkpoint")
                        .formatted(table, how));
    }

    /** The store has not got a file any more that it had acknowledged. */
    static LakeConflictException lostFile(String table, String file, String how) {
        return new LakeConflictException(
                ("cannot add to the lake's table %s: the store has lost the file '%s' since it took it (%s). Submit the job afresh, without"
                                + " state, or go on from an older checkpoint: each sink takes what it lacks")
                        .formatted(table, Printable.of(file), how));
    }

    /** Of a table whose parts are replaced, an older copy is there: some of its parts are behind, and come again only if they change. */
    static LakeConflictException wentBack(String table) {
        return new LakeConflictException(
                "%s is not what it was when the job wrote it last: stop the job, and go on from its last checkpoint, which gives all rows that it lacks"
                        .formatted(table));
    }

    /** A tool that is not ours has written a table whose parts are replaced. */
    static LakeConflictException foreign(String table, String file) {
        return new LakeConflictException(
                ("cannot replace parts of %s: another tool has added the file '%s', whose rows are of no known part;"
                                + " stop the job, delete the folder, which can be made again, and go on from the last checkpoint")
                        .formatted(table, Printable.of(file)));
    }

    private LakeConflictException(String message) {
        super(message);
    }

    LakeConflictException(String table, Map<SourcePartition, OffsetRange> ranges, Map<SourcePartition, Long> fences) {
        super("cannot add offsets %s to %s, which has some of them (%s)".formatted(ranges, table, fences) + REMEDY);
    }
}
