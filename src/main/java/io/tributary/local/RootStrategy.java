package io.tributary.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How PostgreSQL's programs run when this process is root, which they refuse to serve. Containers often forbid user namespaces and
 * minimal images lack programs, so none of these works everywhere; they stand in the order in which they are tried.
 */
enum RootStrategy {
    /** Not root: nothing to do. */
    NOT_ROOT(false),
    /** In a user namespace where root has no name: the files stay root's. */
    UNSHARE(false),
    /** As nobody, to whom the data must then belong. */
    SETPRIV(true),
    /** As nobody, to whom the data must then belong. */
    RUNUSER(true),
    /** As nobody, to whom the data must then belong. */
    SU(true);

    /** Names the one strategy to use instead of the first that works. */
    static final String PROPERTY = "tributary.postgres.as-root";

    private static final Logger LOG = LoggerFactory.getLogger(RootStrategy.class);
    private static final String NOBODY = "nobody";
    /** Says {@code ok} if it runs as a named user other than root who may make folders here that are its own, as initdb needs. */
    private static final String PROBE = """
            test "$(id -u)" != 0 && id -un >/dev/null || exit 1
            mkdir -m 700 "$1/own" && test "$(stat -c %u "$1/own")" = "$(id -u)" && : >"$1/own/file" || exit 1
            rm -r "$1/own" && echo ok""";

    private final boolean asNobody;

    RootStrategy(boolean asNobody) {
        this.asNobody = asNobody;
    }

    /** The strategy for this process, tried out. */
    static RootStrategy choose() throws IOException {
        if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win")) {
            throw new IOException("cannot start PostgreSQL: not supported on Windows");
        }
        if (!"0".equals(Tool.of("id", "-u").run())) {
            return NOT_ROOT;
        }
        String forced = System.getProperty(PROPERTY);
        if (forced != null) {
            return forced(forced);
        }
        for (RootStrategy strategy : List.of(UNSHARE, SETPRIV, RUNUSER, SU)) {
            if (strategy.works()) {
                return strategy;
            }
        }
        throw new IOException("cannot start PostgreSQL as root: none of unshare, setpriv, runuser and su works here;"
                + " run as another user");
    }

    private static RootStrategy forced(String name) throws IOException {
        return switch (name) {
            case "UNSHARE", "SETPRIV", "RUNUSER", "SU" -> valueOf(name);
            default -> throw new IOException("'" + PROPERTY + "' must be UNSHARE, SETPRIV, RUNUSER or SU, got " + name);
        };
    }

    boolean works() throws IOException {
        Path dir = Files.createTempDirectory(Path.of("/var/tmp"), "tributary-probe-");
        try {
            give(dir);
            List<String> probe = wrap(List.of("sh", "-c", PROBE, "probe", dir.toString()));
            return Tool.of(name(), probe, Duration.ofSeconds(10)).run().endsWith("ok");
        } catch (IOException e) {
            LOG.info("cannot leave root by {}: {}", name(), e.getMessage());
            return false;
        } finally {
            Folders.delete(dir);
        }
    }

    /** Whether files must belong to nobody, and lie where nobody may go. */
    boolean asNobody() {
        return asNobody;
    }

    /** The command that runs this one without being root. */
    List<String> wrap(List<String> command) throws IOException {
        List<String> before =
                switch (this) {
                    case NOT_ROOT -> List.of();
                    case UNSHARE -> List.of("unshare", "-U", "--");
                    case SETPRIV ->
                        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + group(), "--clear-groups", "--");
                    case RUNUSER -> List.of("runuser", "-u", NOBODY, "--");
                    case SU -> List.of("su", "-s", "/bin/sh", NOBODY, "-c");
                };
        List<String> wrapped = new ArrayList<>(before);
        if (this == SU) {
            wrapped.add("exec "
                    + String.join(" ", command.stream().map(RootStrategy::quote).toList()));
        } else {
            wrapped.addAll(command);
        }
        return wrapped;
    }

    /** Makes the file, or the folder with all below it, belong to the user the programs will be. */
    void give(Path path) throws IOException {
        if (this == NOT_ROOT) {
            return;
        }
        String owner = asNobody ? NOBODY + ":" + group() : "0:0";
        Tool.of("chown", List.of("chown", "-R", owner, path.toString()), Duration.ofMinutes(5))
                .run();
    }

    private static String group() throws IOException {
        return Tool.of("id", "-g", NOBODY).run();
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
