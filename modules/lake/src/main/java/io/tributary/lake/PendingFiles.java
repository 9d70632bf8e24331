package io.tributary.lake;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that writers have finished, and that a commit makes visible. The store has acknowledged them, but it may have lost them
 * since: a folder that was cleaned, an upload that a lifecycle rule took, a part that a store with a full disk let go.
 */
final class PendingFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PendingFiles.class);
    /** What S3 says of an upload, or a part of one, that is not there: a store that is only coming up may say so, too. */
    private static final Pattern GONE = Pattern.compile("NoSuchUpload|InvalidPart");

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String lake;
    private final long patienceNanos;
    private final LongSupplier clock;
    /** Since when the store says that it has not got a file, by path. */
    private final Map<String, Long> missing = new ConcurrentHashMap<>();

    PendingFiles(String lake) {
        this(lake, PATIENCE, System::nanoTime);
    }

    /**
     * Of a lake.
     *
     * @param patience how long a store must say that it has not got a file before that is believed
     * @param clock in nanoseconds
     */
    PendingFiles(String lake, Duration patience, LongSupplier clock) {
        this.lake = lake;
        this.patienceNanos = patience.toNanos();
        this.clock = clock;
    }

    /**
     * Makes a file visible, unless it is.
     *
     * @param isPlain whether readers see it without a log: then they may have taken it away already
     * @throws LakeConflictException if the store has lost it
     */
    void makeVisible(String table, DataFile file, boolean isPlain) throws IOException {
        Path path = path(table, file);
        try {
            commit(path, file);
        } catch (IOException e) {
            look(table, file, e);
            throw e;
        }
        missing.remove(key(table, file));
        FileSystem files = path.getFileSystem();
        if (!files.isDistributedFS() && !isThere(files, path, file)) { // Flink's local files say nothing of it
            if (!isPlain) {
                throw LakeConflictException.lostFile(table, file.path(), "no such file");
            }
            tell(table, file);
        }
    }

    /** The same of a file that was announced before a failure: where it is not there, it was visible, or is lost. */
    void makeVisibleAgain(String table, DataFile file) throws IOException {
        try {
            makeVisible(table, file, true);
        } catch (IOException e) {
            if (gone(e).isEmpty() && !(e instanceof LakeConflictException)) {
                throw e;
            }
            tell(table, file);
        }
    }

    private static void tell(String table, DataFile file) {
        LOG.warn(
                "{} has not got {}, which is announced there: a reader took it away, or the store lost it",
                table,
                file.path());
    }

    /** @throws LakeConflictException if the store has said for long enough that it has not got the file */
    void look(String table, DataFile file, IOException failure) throws LakeConflictException {
        String gone = gone(failure);
        if (gone.isEmpty()) {
            missing.remove(key(table, file));
            return;
        }
        long now = clock.getAsLong();
        Long since = missing.putIfAbsent(key(table, file), now);
        if (since != null && now - since >= patienceNanos) {
            throw LakeConflictException.lostFile(table, file.path(), gone);
        }
    }

    private static String key(String table, DataFile file) {
        return table + "/" + file.path();
    }

    private Path path(String table, DataFile file) {
        return new Path(lake + "/" + key(table, file));
    }

    private static void commit(Path path, DataFile file) throws IOException {
        RecoverableWriter writer = path.getFileSystem().createRecoverableWriter();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                writer.getCommitRecoverableSerializer();
        writer.recoverForCommit(serializer.deserialize(file.pendingVersion(), file.pending()))
                .commitAfterRecovery();
    }

    private static boolean isThere(FileSystem files, Path path, DataFile file) throws IOException {
        try {
            return files.getFileStatus(path).getLen() == file.size();
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    private static String gone(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Matcher gone = GONE.matcher(String.valueOf(cause.getMessage()));
            if (gone.find()) {
                return gone.group();
            }
        }
        return "";
    }
}
