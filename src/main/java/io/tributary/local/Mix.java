package io.tributary.local;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many of 100 changes are inserts, updates and deletes. */
public record Mix(int insertPercent, int updatePercent, int deletePercent) {
    /** A shop that grows slowly. */
    public static final Mix USUAL = new Mix(40, 45, 15);

    private static final Pattern SHARE = Pattern.compile("(insert|update|delete)=(\\d{1,3})");

    public Mix {
        if (insertPercent < 0
                || updatePercent < 0
                || deletePercent < 0
                || insertPercent + updatePercent + deletePercent != 100) {
            throw new IllegalArgumentException("inserts, updates and deletes must be 0 to 100 and 100 together, got "
                    + insertPercent + ", " + updatePercent + " and " + deletePercent);
        }
    }

    /**
     * Reads {@code insert=40,update=45,delete=15}; what is not named is 0.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Mix parse(String text) {
        Map<String, Integer> shares = new HashMap<>();
        for (String part : text.split(",", -1)) {
            Matcher share = SHARE.matcher(part.strip());
            if (!share.matches() || shares.put(share.group(1), Integer.valueOf(share.group(2))) != null) {
                throw new IllegalArgumentException("must be as insert=40,update=45,delete=15, got '" + text + "'");
            }
        }
        return new Mix(
                shares.getOrDefault("insert", 0), shares.getOrDefault("update", 0), shares.getOrDefault("delete", 0));
    }
}
