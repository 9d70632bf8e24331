package io.tributary.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a server's files are: in the folder asked for, or, where nobody must reach them and may not enter that folder (such as one below
 * {@code /root}), in a folder of {@code /var/tmp} named after it. Data that is in one place and needed in the other moves.
 */
final class PostgresHome {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresHome.class);

    private final Path dir;
    private final Path password;

    private PostgresHome(Path dir, Path password) {
        this.dir = dir;
        this.password = password;
    }

    /** The home for a server run by {@code strategy}; stops a server that still runs on data which has to move. */
    static PostgresHome of(Path asked, RootStrategy strategy) throws IOException {
        Path dir = asked.toAbsolutePath().normalize();
        Files.createDirectories(dir);
        Path password = dir.resolve("password");
        PostgresHome near = new PostgresHome(dir, password);
        PostgresHome far = new PostgresHome(standIn(dir), password);
        if (!Files.exists(password)) {
            far.setAside();
        }
        // Every strategy reaches the far place, so what once went there stays.
        boolean there = Files.isDirectory(far.data(), LinkOption.NOFOLLOW_LINKS);
        if (!there && (!strategy.asNobody() || Folders.openToOthers(dir))) {
            return near;
        }
        far.createSafely();
        LOG.warn("PostgreSQL's data for {} is in {}: user nobody may not enter the former", dir, far.dir);
        if (!there && Files.isDirectory(near.data())) {
            near.moveDataTo(far);
        }
        return far;
    }

    static Path standIn(Path dir) {
        UUID name = UUID.nameUUIDFromBytes(dir.toString().getBytes(StandardCharsets.UTF_8));
        return Path.of("/var/tmp", "tributary-postgres-" + name);
    }

    /** Anyone may put something under the name in /var/tmp: only a folder of our own will do. */
    private void createSafely() throws IOException {
        if (!Files.exists(dir, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(dir);
        }
        if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS) || Folders.owner(dir) != 0) {
            throw new IOException("cannot keep PostgreSQL's data in " + dir + ": it is not a folder of root's");
        }
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Data whose folder was deleted, and with it the password, is of a former life; one such is kept. */
    private void setAside() throws IOException {
        if (Files.isDirectory(data(), LinkOption.NOFOLLOW_LINKS) && Folders.owner(dir) == 0) {
            stopServer();
            Folders.delete(in("data.old"));
            Files.move(data(), in("data.old"));
            LOG.warn("{} belongs to a folder that is gone: moved to {}", data(), in("data.old"));
        }
    }

    private void stopServer() throws IOException {
        var running = Postmaster.of(data());
        if (running.isPresent()) {
            running.get().stop();
        }
    }

    private void moveDataTo(PostgresHome to) throws IOException {
        stopServer();
        Path half = to.dir.resolve("data.moving");
        Folders.delete(half);
        Tool.of("cp", "-a", data().toString(), half.toString()).run();
        Files.move(half, to.data());
        Folders.delete(data());
    }

    /** The password of the server's user; kept in the folder asked for, wherever the data is. */
    String password() throws IOException {
        return PrivateFile.secret(password);
    }

    Path data() {
        return dir.resolve("data");
    }

    Path binaries() {
        return dir.resolve("bin");
    }

    Path log() {
        return dir.resolve("postgres.log");
    }

    Path in(String name) {
        return dir.resolve(name);
    }
}
