package io.tributary.cli;

import io.tributary.flow.ConfigException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The folder of one demo, which is its alone as long as it runs. */
final class DataFolder implements AutoCloseable {
    private final Path path;

    private final FileLock lock;

    private DataFolder(Path path, FileLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws ConfigException if another demo has the folder, or it cannot be made */
    static DataFolder at(Path path) {
        DataFolder folder = tryLock(path);
        if (folder == null) {
            throw new ConfigException("'--data' " + path + " is in use by another demo or run");
        }
        return folder;
    }

    /** The first of {@code demo}, {@code demo-2}, … below the parent that no other demo has. */
    static DataFolder next(Path parent) {
        for (int i = 1; ; i++) {
            DataFolder folder = tryLock(parent.resolve(i == 1 ? "demo" : "demo-" + i));
            if (folder != null) {
                return folder;
            }
        }
    }

    private static @Nullable DataFolder tryLock(Path path) {
        try {
            Path absolute = path.toAbsolutePath().normalize();
            Files.createDirectories(absolute);
            FileChannel channel =
                    FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            return lock == null ? null : new DataFolder(absolute, lock);
        } catch (IOException e) {
            throw new ConfigException("'--data' " + path + " cannot be used: " + e);
        }
    }

    /** Gives the folder up. */
    @Override
    public void close() throws IOException {
        lock.acquiredBy().close();
    }

    Path path() {
        return path;
    }
}
