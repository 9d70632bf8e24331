package io.tributary.lake;

import io.tributary.change.TableFormat;
import io.tributary.change.TableName;
import io.tributary.flow.DeadLetters;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Where a table lies under the lake's path. */
final class LakePath {
    static final String HISTORY = "raw-kafka-data/";

    /** Bytes of a folder's name; file systems end at 255. */
    private static final int LONGEST = 200;

    /** Below it are the logs of tables that readers are to see without one. */
    static final String LEDGERS = "_tributary/";

    private LakePath() {}

    /** Where the log of a table lies. */
    static String log(TableFormat format, String table) {
        return format == TableFormat.DELTA ? table : LEDGERS + table;
    }

    /** {@code raw-kafka-data/<schema>.<table>}, or {@code rejected} for the dead letters; always below the lake. */
    static String of(TableName table) {
        return table.equals(DeadLetters.TABLE) ? "rejected" : HISTORY + folder(table.toString());
    }

    /** The name where it is safe as one path segment; other characters as {@code ~} and the hexadecimal of their UTF-8. */
    static String folder(String name) {
        StringBuilder folder = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.' || c == ' ' && folder.length() > 0) {
                folder.appendCodePoint(c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    folder.append('~').append(String.format(Locale.ROOT, "%02X", b));
                }
            }
        });
        // readers take a leading dot or underscore for hidden
        boolean hidden = folder.isEmpty() || folder.charAt(0) == '.' || folder.charAt(0) == '_';
        String safe = hidden ? "~" + folder : folder.toString();
        return safe.getBytes(StandardCharsets.UTF_8).length <= LONGEST ? safe : shortened(safe);
    }

    /**
     * A path of a table's log, decoded.
     *
     * @throws LakeConflictException if it leads out of the table's folder: whoever wrote it may have others' files read or deleted
     */
    static String within(String table, String encoded) throws LakeConflictException {
        String path;
        try {
            URI uri = new URI(encoded);
            path = uri.isAbsolute() || uri.getRawAuthority() != null ? null : uri.getPath();
        } catch (URISyntaxException e) {
            path = null;
        }
        if (path == null
                || path.isEmpty()
                || path.startsWith("/")
                || List.of(path.split("/", -1)).contains("..")) {
            throw new LakeConflictException(table, encoded);
        }
        return path;
    }

    private static String shortened(String folder) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(folder.getBytes(StandardCharsets.UTF_8));
            int end = Character.isHighSurrogate(folder.charAt(LONGEST / 4 - 1)) ? LONGEST / 4 - 1 : LONGEST / 4;
            return folder.substring(0, end) + "~~" + HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
