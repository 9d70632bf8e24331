package io.tributary.lake;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The files that writers have finished, and that a commit makes visible. The store has acknowledged them, but it may have lost them
 * since: a folder that was cleaned, an upload that a lifecycle rule took, a part that a store with a full disk let go.
 */
final class PendingFiles {
    /** What S3 says of an upload, or a part of one, that is not there: a store that is only coming up may say so, too. */
    private static final Pattern GONE = Pattern.compile("NoSuchUpload|InvalidPart");

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String lake;
    private final long patienceNanos;
    /** Since when the store says that it has not got a file, by path. */
    private final Map<String, Long> missing = new ConcurrentHashMap<>();

    PendingFiles(String lake) {
        this(lake, PATIENCE);
    }

    /** @param patience how long a store must say that it has not got a file before that is believed */
    PendingFiles(String lake, Duration patience) {
        this.lake = lake;
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Makes a file visible, unless it is.
     *
     * @param inLog whether readers are told of the file already
     * @throws LakeConflictException if the store has lost it
     */
    void makeVisible(String table, DataFile file, boolean inLog) throws IOException {
        Path path = new Path(lake + "/" + table + "/" + file.path());
        FileSystem files = path.getFileSystem();
        RecoverableWriter writer = files.createRecoverableWriter();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                writer.getCommitRecoverableSerializer();
        try {
            writer.recoverForCommit(serializer.deserialize(file.pendingVersion(), file.pending()))
                    .commitAfterRecovery();
        } catch (IOException e) {
            String gone = gone(e);
            if (gone.isEmpty()) {
                missing.remove(path.getPath());
            } else if (System.nanoTime() - missing.computeIfAbsent(path.getPath(), p -> System.nanoTime())
                    >= patienceNanos) {
                throw LakeConflictException.lostFile(table, file.path(), gone, inLog);
            }
            throw e;
        }
        missing.remove(path.getPath());
        if (!files.isDistributedFS() && !isThere(files, path, file)) { // Flink's local files say nothing of it
            throw LakeConflictException.lostFile(table, file.path(), "no such file", inLog);
        }
    }

    private static boolean isThere(FileSystem files, Path path, DataFile file) throws IOException {
        try {
            FileStatus there = files.getFileStatus(path);
            return there.getLen() == file.size();
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
