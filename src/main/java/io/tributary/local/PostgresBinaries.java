package io.tributary.local;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the archive on the class path that fits this machine. */
final class PostgresBinaries {
    private static final Set<PosixFilePermission> PROGRAM = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> PLAIN = PosixFilePermissions.fromString("rw-r--r--");

    private PostgresBinaries() {}

    /**
     * Unpacks the archive below {@code dir}, once per content; a folder there is always whole, because it gets its name last.
     *
     * @return the folder of {@code initdb}, {@code pg_ctl} and {@code postgres}
     * @throws FileNotFoundException if no archive for this machine is on the class path
     */
    static Path unpack(Path dir) throws IOException {
        String archive = "/postgres-" + platform() + ".txz";
        Path target = dir.resolve(fingerprint(archive));
        if (!Files.isDirectory(target)) {
            Files.createDirectories(dir);
            Path half = Files.createTempDirectory(dir, "unpacking-");
            Files.setPosixFilePermissions(half, PROGRAM);
            try {
                unpack(archive, half);
                Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Folders.delete(half);
            }
        }
        return target.resolve("bin");
    }

    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        String cpu =
                switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> arch;
                };
        return (os.contains("mac") ? "darwin" : os) + "-" + cpu;
    }

    private static InputStream open(String archive) throws FileNotFoundException {
        InputStream in = PostgresBinaries.class.getResourceAsStream(archive);
        if (in == null) {
            throw new FileNotFoundException("cannot start PostgreSQL: no " + archive + " on the class path");
        }
        return in;
    }

    private static String fingerprint(String archive) throws IOException {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
        try (InputStream in = new DigestInputStream(open(archive), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha256.digest(), 0, 8);
    }

    private static void unpack(String archive, Path into) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(open(archive))))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = into.resolve(entry.getName()).normalize();
                if (!path.startsWith(into)) {
                    throw new IOException("cannot unpack " + archive + ": " + entry.getName() + " leads out of it");
                }
                Files.createDirectories(entry.isDirectory() || path.equals(into) ? path : path.resolveSibling("."));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.createLink(path, into.resolve(entry.getLinkName()).normalize());
                } else if (entry.isFile()) {
                    Files.copy(tar, path);
                    Files.setPosixFilePermissions(path, (entry.getMode() & 0b001_000_000) != 0 ? PROGRAM : PLAIN);
                }
            }
        }
    }
}
