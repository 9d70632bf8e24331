package io.tributary.warehouse;

/** How long something has been waiting. */
final class Waiting {
    private Waiting() {}

    /** @param since in milliseconds since 1970, 0 for not at all */
    static double seconds(long since) {
        return since == 0 ? 0 : (System.currentTimeMillis() - since) / 1000.0;
    }
}
