package io.tributary.init;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of a database of their own.
 *
 * @param host where the connector finds the database; so {@code port}, {@code database} and {@code user}
 * @param prefix of the topics, and the pipeline's name
 * @param tables regular expressions of {@code schema.table}; empty for all
 * @param lake a folder, or s3://BUCKET/PATH
 * @param warehouse a JDBC URL; null for no mirror
 */
public record InitChoices(
        String host,
        String port,
        String database,
        String user,
        String prefix,
        List<String> tables,
        String lake,
        @Nullable String warehouse,
        String warehouseUser) {
    /** The longest name that PostgreSQL takes. */
    private static final int LONGEST = 63;
    /** What a shell takes as it is. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@=,+-]+");

    /** What a name becomes where only some letters are allowed: of topics, slots and publications. */
    public static String plain(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return plain.isEmpty() ? "source" : plain;
    }

    /** The same choices as a command has them, for a shell: what was answered is not asked again. */
    public String options(Path folder) {
        List<String> words = new ArrayList<>(List.of(folder.toString(), "--force"));
        words.addAll(List.of("--pg-host", host, "--pg-port", port, "--pg-database", database, "--pg-user", user));
        words.addAll(List.of("--prefix", prefix, "--lake", lake));
        if (!tables.isEmpty()) {
            words.addAll(List.of("--tables", String.join(",", tables)));
        }
        if (warehouse != null) {
            words.addAll(List.of("--warehouse", warehouse, "--warehouse-user", warehouseUser));
        }
        return words.stream().map(InitChoices::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** The connector's name. */
    String connector() {
        return "tributary-" + prefix;
    }

    /** The name of its slot, and of its publication. */
    String slot() {
        String name = "tributary_" + plain(prefix);
        return name.substring(0, Math.min(LONGEST, name.length()));
    }
}
