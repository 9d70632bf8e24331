package io.tributary.flow;

/** What somebody may have meant who has mistyped a name. */
public final class Nearest {
    private static final int LONGEST_TYPO = 3;

    private Nearest() {}

    /** The one of these names that is nearest to this one; empty if none is near. */
    public static String of(String name, Iterable<String> names) {
        String nearest = "";
        int best = Math.min(LONGEST_TYPO, Math.max(2, name.length() / 2)) + 1;
        for (String known : names) {
            int distance = distance(name, known);
            if (distance < best) {
                best = distance;
                nearest = known;
            }
        }
        return nearest;
    }

    /** How many letters must change (Levenshtein). */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
