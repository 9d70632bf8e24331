package io.tributary.change;

/** What happened to a row; {@link #code()} is the letter of Debezium's {@code op} and of the lake's {@code _op}. */
public enum Operation {
    /** A row read by a snapshot. */
    READ('r'),
    CREATE('c'),
    UPDATE('u'),
    DELETE('d'),
    /** All rows of the table went at once. */
    TRUNCATE('t');

    private static final Operation[] BY_ORDINAL = values();

    private final char code;

    Operation(char code) {
        this.code = code;
    }

    public char code() {
        return code;
    }

    /** @throws ArrayIndexOutOfBoundsException for a number that {@link #ordinal()} never gave */
    public static Operation of(int ordinal) {
        return BY_ORDINAL[ordinal];
    }
}
