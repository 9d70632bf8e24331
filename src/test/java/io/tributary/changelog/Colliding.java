package io.tributary.changelog;

/** Texts of one hash, whatever a polynomial's odd factor is: what follows a Thue-Morse word and its complement. */
public final class Colliding {
    private static final String WORD;
    private static final String COMPLEMENT;

    static {
        StringBuilder word = new StringBuilder("a");
        StringBuilder complement = new StringBuilder("b");
        for (int i = 0; i < 11; i++) {
            String before = word.toString();
            word.append(complement);
            complement.append(before);
        }
        WORD = word.toString();
        COMPLEMENT = complement.toString();
    }

    private Colliding() {}

    /** @param number below 4,096: each has a text of its own, of 24 KB */
    public static String key(int number) {
        StringBuilder key = new StringBuilder();
        for (int bit = 0; bit < 12; bit++) {
            key.append((number >> bit & 1) == 0 ? WORD : COMPLEMENT);
        }
        return key.toString();
    }
}
