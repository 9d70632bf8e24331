package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.UUID;

/** The files of a lake's Delta logs, as Delta Kernel reads and writes them; each put only if it is absent. */
final class LogFiles {
    private LogFiles() {}

    /** @param lake a URI */
    static FileIO of(String lake) {
        return isObjectStore(lake) ? new S3Files(S3Settings.ofProcess()) : new LocalFiles();
    }

    static boolean isObjectStore(String lake) {
        return lake.startsWith("s3://") || lake.startsWith("s3a://");
    }

    /** Whether the table has a log. */
    static boolean hasLog(FileIO files, String table) throws IOException {
        try (CloseableIterator<FileStatus> log = files.listFrom(table + "/_delta_log/0")) {
            return log.hasNext();
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    /** Whether a file that is there is not overwritten by one that is to be put if it is absent. */
    static boolean putsIfAbsent(String lake) throws IOException {
        FileIO files = of(lake);
        String probe = lake + "/.tributary-" + UUID.randomUUID();
        try {
            put(files, probe);
            put(files, probe);
            return false;
        } catch (FileAlreadyExistsException e) {
            return true;
        } finally {
            files.delete(probe);
        }
    }

    private static void put(FileIO files, String file) throws IOException {
        files.newOutputFile(file)
                .writeAtomically(Utils.toCloseableIterator(List.of("probe").iterator()), false);
    }

    static boolean exists(FileIO files, String file) throws IOException {
        try {
            files.getFileStatus(file);
            return true;
        } catch (FileNotFoundException e) {
            return false;
        }
    }
}
