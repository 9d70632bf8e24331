package io.tributary.init;

import java.util.List;
import java.util.Locale;
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

    /** What a name becomes where only some letters are allowed: of topics, slots and publications. */
    public static String plain(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return plain.isEmpty() ? "source" : plain;
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
