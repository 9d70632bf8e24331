package io.tributary.local;

/** How many of 100 changes are inserts, updates and deletes. */
public record Mix(int insertPercent, int updatePercent, int deletePercent) {
    /** A shop that grows slowly. */
    public static final Mix USUAL = new Mix(40, 45, 15);

    public Mix {
        if (insertPercent < 0
                || updatePercent < 0
                || deletePercent < 0
                || insertPercent + updatePercent + deletePercent != 100) {
            throw new IllegalArgumentException("inserts, updates and deletes must be 0 to 100 and 100 together, got "
                    + insertPercent + ", " + updatePercent + " and " + deletePercent);
        }
    }
}
