package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;

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

    static boolean exists(FileIO files, String file) throws IOException {
        try {
            files.getFileStatus(file);
            return true;
        } catch (FileNotFoundException e) {
            return false;
        }
    }
}
