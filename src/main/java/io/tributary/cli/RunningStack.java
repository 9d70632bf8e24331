package io.tributary.cli;

import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.LocalStack;
import io.tributary.warehouse.WarehouseFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs on this machine, and commands mean where nothing else is said: that of TRIBUTARY_DEMO, or the demo in .tributary/demo, or
 * the only other one below .tributary.
 */
final class RunningStack {
    /** In a demo's folder, as long as it runs. */
    static final String FILE = "addresses.properties";

    /** Files that only the demo's user may read, by what is in them. */
    private static final Map<String, String> SECRETS =
            Map.of("pg.password", "postgres/password", "connect.password", LocalStack.CONNECT_PASSWORD);

    private RunningStack() {}

    /** Says where its parts are. */
    static void tell(Path folder, Map<String, String> addresses, String lake, Path pipeline) throws IOException {
        StringBuilder lines = new StringBuilder();
        addresses.forEach((name, address) ->
                lines.append(name).append('=').append(address).append('\n'));
        lines.append("lake=").append(lake).append('\n');
        lines.append("pipeline=").append(pipeline).append('\n');
        Files.writeString(folder.resolve(FILE), lines);
    }

    /**
     * One of its addresses.
     *
     * @param name {@code kafka}, {@code connect}, {@code flink}, {@code metrics}, {@code lake}, {@code pipeline}, {@code connector}, {@code warehouse},
     *     {@code warehouse.user}, {@code pg.host}, {@code pg.port}, {@code pg.user},
     *     {@code pg.database}, {@code pg.password} or {@code connect.password}
     */
    static Optional<String> address(String name) {
        Path folder = folder();
        if (folder == null) {
            return Optional.empty();
        }
        try (Reader reader = Files.newBufferedReader(folder.resolve(FILE))) {
            String secret = SECRETS.get(name);
            if (secret != null) {
                return Optional.of(Files.readString(folder.resolve(secret)).strip());
            }
            Properties properties = new Properties();
            properties.load(reader);
            return Optional.ofNullable(properties.getProperty(name));
        } catch (IOException e) {
            return Optional.empty(); // of another user, or just stopping
        }
    }

    private static @Nullable Path folder() {
        String own = System.getenv("TRIBUTARY_DEMO");
        if (own != null) {
            return runs(Path.of(own)) ? Path.of(own) : null;
        }
        Path all = Path.of(System.getProperty("tributary.home", "."), ".tributary");
        if (runs(all.resolve("demo"))) {
            return all.resolve("demo");
        }
        try (Stream<Path> folders = Files.list(all)) {
            List<Path> running = folders.filter(RunningStack::runs).toList();
            return running.size() == 1 ? running.get(0) : null;
        } catch (IOException e) {
            return null; // nothing has run yet
        }
    }

    /** Whether this is what other commands find by themselves. */
    static boolean isFound(Path path) {
        Path found = folder();
        return found != null && found.toAbsolutePath().normalize().equals(path);
    }

    private static boolean runs(Path folder) {
        return Files.exists(folder.resolve(FILE)) && isHeld(folder.resolve("lock"));
    }

    /** Its warehouse, if it has one. */
    static Optional<WarehouseFile> warehouse() {
        return address("warehouse")
                .map(url -> WarehouseFile.of(
                        url,
                        address("warehouse.user").orElse(null),
                        address("pg.password").orElse(null)));
    }

    /** The pipeline that it runs. */
    static Optional<PipelineConfig> pipeline() {
        Optional<String> file = address("pipeline");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>(System.getenv());
        Map.of(
                        "KAFKA_BOOTSTRAP", "kafka",
                        "LAKE_PATH", "lake",
                        "WAREHOUSE_URL", "warehouse",
                        "WAREHOUSE_USER", "warehouse.user",
                        "WAREHOUSE_PASSWORD", "pg.password")
                .forEach((variable, name) -> address(name).ifPresent(address -> variables.put(variable, address)));
        return Optional.of(PipelineFile.read(Path.of(file.get()), Map.of(), variables));
    }

    /** What was said, in this order: the option, the variable, a running demo. */
    static String or(@Nullable String option, String variable, String name, String otherwise) {
        if (option != null) {
            return option;
        }
        String environment = System.getenv(variable);
        return environment != null ? environment : address(name).orElse(otherwise);
    }

    private static boolean isHeld(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true; // by this very process
        } catch (IOException e) {
            return false;
        }
    }
}
