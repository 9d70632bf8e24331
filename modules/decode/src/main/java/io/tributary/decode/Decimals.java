package io.tributary.decode;

/**
 * Whether a topic's decimals arrive as digits or as base64, where their type does not say. A connector writes all of them in
 * one way, and most values can only be of one: these vote, so that a single wrong one decides nothing.
 */
final class Decimals {
    /** What a value can be. */
    enum Token {
        DIGITS,
        BASE64,
        EITHER
    }

    /** So many votes are enough; a connector that is told otherwise is followed after twice as many. */
    private static final int MOST_VOTES = 16;

    /** Above zero for digits, below for base64. */
    int votes;

    /** The present record's, which may be read more than once. */
    private int pending;

    /** A record has been read: it has one vote. */
    void count() {
        if (pending != 0) {
            votes = Math.max(-MOST_VOTES, Math.min(MOST_VOTES, votes + Integer.signum(pending)));
            pending = 0;
        }
    }

    /**
     * Whether a value of this kind is digits, by those before it.
     *
     * @throws DecodeException if it may be either, and nothing tells
     */
    boolean areDigits(Token token) {
        int before = votes == 0 ? pending : votes;
        switch (token) {
            case DIGITS -> pending++;
            case BASE64 -> pending--;
            case EITHER -> {
                if (before == 0) {
                    throw new DecodeException(
                            Reason.VALUE,
                            "cannot tell digits from base64: add 'text' or 'base64' to the column's type");
                }
            }
        }
        return before > 0;
    }
}
