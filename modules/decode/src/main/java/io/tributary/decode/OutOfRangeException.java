package io.tributary.decode;

/** A value that is fine at the source and that its column's type cannot hold: NaN in a decimal, an infinite date. */
final class OutOfRangeException extends DecodeException {
    private final String text;
    private int column = -1;

    /** @param text the value as PostgreSQL writes it */
    OutOfRangeException(String detail, String text) {
        super(Reason.OUT_OF_RANGE, detail);
        this.text = text;
    }

    String text() {
        return text;
    }

    OutOfRangeException in(int index) {
        column = index;
        return this;
    }

    /** The index of the column in its layout. */
    int column() {
        return column;
    }
}
