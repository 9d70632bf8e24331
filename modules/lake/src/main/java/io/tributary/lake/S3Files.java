package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The Delta log's files in an object store. A log entry is put only if it is absent: {@code If-None-Match: *}, which the store
 * itself decides.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">conditional writes</a>
 */
final class S3Files implements FileIO {
    /** A larger file is read in parts of this size. */
    private static final int PART = 4 << 20;

    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Client s3;

    S3Files(S3Settings settings) {
        this.s3 = settings.client();
    }

    /** A place in a bucket. */
    private record Place(String bucket, String key) {
        static Place of(String location) {
            int start = location.indexOf("://") + 3;
            int slash = location.indexOf('/', start);
            return slash < 0
                    ? new Place(location.substring(start), "")
                    : new Place(location.substring(start, slash), decoded(location.substring(slash + 1)));
        }

        /** Delta Kernel gives some paths as URIs. */
        private static String decoded(String key) {
            return key.indexOf('%') < 0
                    ? key
                    : URI.create("/" + key.replace(" ", "%20")).getPath().substring(1);
        }
    }

    /** All that can go wrong, as the exceptions that Delta Kernel and we wait out. */
    private static <T> T call(String location, Callable<T> request) throws IOException {
        try {
            return request.call();
        } catch (NoSuchKeyException e) {
            throw (IOException) new FileNotFoundException(location).initCause(e);
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
                throw (IOException) new FileAlreadyExistsException(location).initCause(e);
            }
            throw new IOException(location + ": " + e.getMessage(), e);
        } catch (SdkException e) {
            throw new IOException(location + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public CloseableIterator<FileStatus> listFrom(String location) throws IOException {
        Place from = Place.of(location);
        String folder = from.key().substring(0, from.key().lastIndexOf('/') + 1);
        ListObjectsV2Request request = ListObjectsV2Request.builder()
                .bucket(from.bucket())
                .prefix(folder)
                .delimiter("/")
                .startAfter(justBefore(from.key(), folder))
                .build();
        String root = location.substring(0, location.length() - from.key().length());
        List<FileStatus> found = new ArrayList<>();
        call(location, () -> {
            for (S3Object object : s3.listObjectsV2Paginator(request).contents()) {
                if (object.key().compareTo(from.key()) >= 0) {
                    found.add(FileStatus.of(
                            root + object.key(),
                            object.size(),
                            object.lastModified().toEpochMilli()));
                }
            }
            return found;
        });
        if (found.isEmpty() && !isThere(from.bucket(), folder)) {
            throw new FileNotFoundException(location);
        }
        return Utils.toCloseableIterator(found.iterator());
    }

    /** The store lists what comes after a key, and this one is wanted too: its last character is made one less. */
    private static String justBefore(String key, String folder) {
        int last = key.length() - 1;
        return key.length() == folder.length() || key.charAt(last) == 0
                ? folder
                : key.substring(0, last) + (char) (key.charAt(last) - 1);
    }

    private boolean isThere(String bucket, String folder) throws IOException {
        return call(
                folder,
                () -> s3.listObjectsV2(r -> r.bucket(bucket).prefix(folder).maxKeys(1))
                                .keyCount()
                        > 0);
    }

    @Override
    public FileStatus getFileStatus(String location) throws IOException {
        Place place = Place.of(location);
        HeadObjectResponse head =
                call(location, () -> s3.headObject(r -> r.bucket(place.bucket()).key(place.key())));
        return FileStatus.of(location, head.contentLength(), head.lastModified().toEpochMilli());
    }

    @Override
    public String resolvePath(String location) {
        return location;
    }

    @Override
    public boolean mkdirs(String location) {
        return true; // an object store has no folders
    }

    @Override
    public boolean delete(String location) throws IOException {
        Place place = Place.of(location);
        call(location, () -> s3.deleteObject(r -> r.bucket(place.bucket()).key(place.key())));
        return true;
    }

    @Override
    public Optional<String> getConf(String name) {
        return Optional.empty();
    }

    @Override
    public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
        put(to, get(from, 0, -1), overwrite);
    }

    /** @param end the last byte, or -1 for all */
    private byte[] get(String location, long from, long end) throws IOException {
        Place place = Place.of(location);
        return call(location, () -> s3.getObjectAsBytes(r -> {
                    r.bucket(place.bucket()).key(place.key());
                    if (end >= 0) {
                        r.range("bytes=" + from + "-" + end);
                    }
                })
                .asByteArrayUnsafe());
    }

    private void put(String location, byte[] bytes, boolean overwrite) throws IOException {
        Place place = Place.of(location);
        call(
                location,
                () -> s3.putObject(
                        r -> {
                            r.bucket(place.bucket()).key(place.key());
                            if (!overwrite) {
                                r.ifNoneMatch("*");
                            }
                        },
                        RequestBody.fromBytes(bytes)));
    }

    @Override
    public InputFile newInputFile(String location, long size) {
        return new InputFile() {
            @Override
            public long length() throws IOException {
                return size >= 0 ? size : getFileStatus(location).getSize();
            }

            @Override
            public String path() {
                return location;
            }

            @Override
            public SeekableInputStream newStream() {
                return new Parts(location, size);
            }
        };
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new OutputFile() {
            @Override
            public String path() {
                return location;
            }

            @Override
            public PositionOutputStream create(boolean overwrite) {
                return new Buffered(location, overwrite);
            }

            @Override
            public void writeAtomically(CloseableIterator<String> lines, boolean overwrite) throws IOException {
                StringBuilder text = new StringBuilder();
                try (lines) {
                    lines.forEachRemaining(line -> text.append(line).append('\n'));
                }
                put(location, text.toString().getBytes(StandardCharsets.UTF_8), overwrite);
            }
        };
    }

    /** A file that is put when it is closed: checkpoints of logs, no data. */
    private final class Buffered extends PositionOutputStream {
        private final String location;
        private final boolean overwrite;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean closed;

        Buffered(String location, boolean overwrite) {
            this.location = location;
            this.overwrite = overwrite;
        }

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                put(location, bytes.toByteArray(), overwrite);
            }
        }
    }

    /** An object, read in parts as they are needed; all at once where it is small, or its size is not known. */
    private final class Parts extends SeekableInputStream {
        private final String location;
        private final long size;
        private byte[] part = {};
        private long partStart;
        private long position;
        private boolean read;

        Parts(String location, long size) {
            this.location = location;
            this.size = size;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long to) {
            position = to;
        }

        /** Whether there is a byte at the position. */
        private boolean fill() throws IOException {
            if (position >= partStart && position < partStart + part.length) {
                return true;
            }
            if (size < 0 || size <= PART) {
                if (!read) {
                    part = get(location, 0, -1);
                    read = true;
                }
                return position < part.length;
            }
            if (position >= size) {
                return false;
            }
            // from the end: a Parquet file is read from its footer
            partStart = Math.max(0, Math.min(position, size - PART));
            part = get(location, partStart, Math.min(size, partStart + PART) - 1);
            return true;
        }

        @Override
        public int read() throws IOException {
            return fill() ? part[(int) (position++ - partStart)] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (length == 0 || !fill()) {
                return length == 0 ? 0 : -1;
            }
            int from = (int) (position - partStart);
            int count = Math.min(length, part.length - from);
            System.arraycopy(part, from, to, offset, count);
            position += count;
            return count;
        }

        @Override
        public void readFully(byte[] to, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int count = read(to, offset + done, length - done);
                if (count < 0) {
                    throw new EOFException(location + " ends at " + position);
                }
                done += count;
            }
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
