package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The Delta log's files in a local folder. A log entry is put only if it is absent: written aside, forced to disk, and hard
 * linked to its name, which fails when another writer was first.
 */
final class LocalFiles implements FileIO {
    private static final String ASIDE = ".tmp";

    /** The path of a {@code file:} URI or of a plain path. */
    static Path path(String location) {
        return location.startsWith("file:")
                ? Path.of(URI.create(location.replace(" ", "%20")).getPath())
                : Path.of(location);
    }

    private static String location(Path path) {
        return "file:" + path;
    }

    private static FileStatus status(Path path) throws IOException {
        try {
            return FileStatus.of(
                    location(path),
                    Files.size(path),
                    Files.getLastModifiedTime(path).toMillis());
        } catch (NoSuchFileException e) {
            throw (IOException) new FileNotFoundException(path.toString()).initCause(e);
        }
    }

    @Override
    public CloseableIterator<FileStatus> listFrom(String location) throws IOException {
        Path from = path(location);
        Path folder = from.getParent();
        String first = String.valueOf(from.getFileName());
        String[] names = folder == null ? null : folder.toFile().list();
        if (folder == null || names == null) {
            throw new FileNotFoundException(String.valueOf(folder));
        }
        Arrays.sort(names);
        List<FileStatus> found = new ArrayList<>();
        for (String name : names) {
            if (name.compareTo(first) >= 0 && !name.endsWith(ASIDE)) {
                Path file = folder.resolve(name);
                if (Files.exists(file)) {
                    found.add(status(file));
                }
            }
        }
        return Utils.toCloseableIterator(found.iterator());
    }

    @Override
    public FileStatus getFileStatus(String location) throws IOException {
        return status(path(location));
    }

    @Override
    public String resolvePath(String location) {
        return location(path(location).toAbsolutePath());
    }

    @Override
    public boolean mkdirs(String location) throws IOException {
        Files.createDirectories(path(location));
        return true;
    }

    @Override
    public boolean delete(String location) throws IOException {
        return Files.deleteIfExists(path(location));
    }

    @Override
    public Optional<String> getConf(String name) {
        return Optional.empty();
    }

    @Override
    public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
        byte[] bytes = Files.readAllBytes(path(from));
        try (OutputStream out = new Aside(path(to), overwrite)) {
            out.write(bytes);
        }
    }

    @Override
    public InputFile newInputFile(String location, long size) {
        Path path = path(location);
        return new InputFile() {
            @Override
            public long length() throws IOException {
                return size >= 0 ? size : Files.size(path);
            }

            @Override
            public String path() {
                return location;
            }

            @Override
            public SeekableInputStream newStream() throws IOException {
                return new RandomAccess(path);
            }
        };
    }

    @Override
    public OutputFile newOutputFile(String location) {
        Path path = path(location);
        return new OutputFile() {
            @Override
            public String path() {
                return location;
            }

            @Override
            public PositionOutputStream create(boolean putIfAbsent) throws IOException {
                return new Aside(path, !putIfAbsent);
            }

            @Override
            public void writeAtomically(CloseableIterator<String> lines, boolean overwrite) throws IOException {
                try (lines;
                        OutputStream out = new Aside(path, overwrite)) {
                    while (lines.hasNext()) {
                        out.write(lines.next().getBytes(StandardCharsets.UTF_8));
                        out.write('\n');
                    }
                }
            }
        };
    }

    /** A file written beside its place and, once whole and on disk, put there. */
    private static final class Aside extends PositionOutputStream {
        private final Path target;
        private final Path aside;
        private final boolean overwrite;
        private final FileChannel channel;
        private final OutputStream out;
        private long position;
        private boolean closed;

        Aside(Path target, boolean overwrite) throws IOException {
            this.target = target;
            this.overwrite = overwrite;
            Files.createDirectories(folder(target));
            this.aside = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ASIDE);
            this.channel = FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            this.out = new BufferedOutputStream(java.nio.channels.Channels.newOutputStream(channel), 1 << 16);
        }

        private static Path folder(Path file) throws IOException {
            Path folder = file.getParent();
            if (folder == null) {
                throw new FileNotFoundException(file + " has no folder");
            }
            return folder;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try {
                out.flush();
                channel.force(true);
                channel.close();
                if (overwrite) {
                    Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } else {
                    Files.createLink(target, aside);
                }
            } finally {
                Files.deleteIfExists(aside);
            }
            try (FileChannel folder = FileChannel.open(folder(target), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private static final class RandomAccess extends SeekableInputStream {
        private final RandomAccessFile file;

        RandomAccess(Path path) throws IOException {
            file = new RandomAccessFile(path.toFile(), "r");
        }

        @Override
        public long getPos() throws IOException {
            return file.getFilePointer();
        }

        @Override
        public void seek(long position) throws IOException {
            file.seek(position);
        }

        @Override
        public int read() throws IOException {
            return file.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return file.read(bytes, offset, length);
        }

        @Override
        public void readFully(byte[] bytes, int offset, int length) throws IOException {
            file.readFully(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
