package io.tributary.expression;

/** An expression does not suit a table's columns, or has no value for a row. */
public final class ExpressionException extends Exception {
    private static final long serialVersionUID = 1;

    /** @param reason what is wrong, as part of a line */
    public ExpressionException(String reason) {
        super(reason);
    }
}
