package io.tributary.warehouse;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.tributary.change.TableName;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What the tables of a source are called in the warehouse.
 *
 * @param schema of all tables that are not named with one; null for that of the source
 * @param prefix of the tables that no other rule names
 * @param pattern of whole names {@code schema.table} that {@code to} renames, or null
 * @param to the name, with {@code $1} for the pattern's groups; with a schema where it has a dot
 * @param byTable the names of single tables, by {@code schema.table}
 * @param letters the case that names get, save those of {@code byTable}
 */
public record Names(
        @Nullable String schema,
        String prefix,
        @Nullable String pattern,
        @Nullable String to,
        HashMap<String, String> byTable,
        Letters letters)
        implements Serializable {
    private static final int HASH = 4;

    /** As they are called in the source. */
    public static final Names KEPT = new Names(null, "", null, null, new HashMap<>(), Letters.KEEP);

    /** The name of a table's mirror, unless it is longer than the warehouse takes. */
    TableName of(TableName source) {
        String own = byTable.get(source.toString());
        if (own != null) {
            return split(own, source);
        }
        if (pattern != null && to != null) {
            Matcher matcher = Pattern.compile(pattern).matcher(source.toString());
            if (matcher.matches()) {
                TableName name = split(matcher.replaceFirst(to), source);
                return new TableName(letters.of(name.schema()), letters.of(name.table()));
            }
        }
        String inSchema = schema == null ? letters.of(source.schema()) : schema;
        return new TableName(inSchema, letters.of(prefix + source.table()));
    }

    private TableName split(String name, TableName source) {
        int dot = name.indexOf('.');
        String inSchema = schema == null ? letters.of(source.schema()) : schema;
        return dot < 0 ? new TableName(inSchema, name) : new TableName(name.substring(0, dot), name.substring(dot + 1));
    }

    /** Cuts a name that is too long, and ends it with what tells it from others that begin alike. */
    static String within(String name, int longest) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= longest) {
            return name;
        }
        int end = longest - 2 * HASH - 1;
        while ((utf8[end] & 0xc0) == 0x80) {
            end--; // within a character
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8) + "_" + hash(name);
    }

    /** Eight digits that tell a name from others. */
    static String hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, HASH));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
