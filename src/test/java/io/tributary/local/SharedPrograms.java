package io.tributary.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/** PostgreSQL's programs, unpacked once in this process: that takes longer than to make a database. */
public final class SharedPrograms {
    private SharedPrograms() {}

    private static final class Holder {
        static final Path UNPACKED = unpack();

        private static Path unpack() {
            try {
                Path folder = Files.createTempDirectory("tributary-programs");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
                PostgresBinaries.unpack(folder);
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path folder) {
            try {
                Folders.delete(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Puts them, as links, where a server of this folder looks for them.
     *
     * @return the folder
     */
    public static Path in(Path folder) throws IOException {
        Path place = Files.createDirectories(folder).resolve("bin");
        try (Stream<Path> all = Files.walk(Holder.UNPACKED)) {
            for (Path each : all.toList()) {
                Path target = place.resolve(Holder.UNPACKED.relativize(each).toString());
                if (Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createLink(target, each);
                } else if (!Files.isDirectory(target)) {
                    Files.copy(each, target, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }
}
