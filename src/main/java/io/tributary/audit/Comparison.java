package io.tributary.audit;

import io.tributary.change.TableName;
import java.util.List;
import java.util.Map;

/**
 * What one table is in the source and in the sinks.
 *
 * @param rows how many the source had at the first look
 * @param sinks by name
 * @param missing what had not happened when the time was up, so that rows may differ that are yet to come; empty if nothing
 */
public record Comparison(TableName table, long rows, Map<String, OfSink> sinks, String missing) {
    /**
     * One sink's.
     *
     * @param exempt why it was not compared; empty if it was
     * @param isThere whether the sink has the table
     * @param rows how many it had at the first look
     * @param checksum of the columns that both have; it does not depend on the rows' order
     * @param sourceChecksum the same of the source
     * @param lacking columns of the source that it has not
     * @param differing the keys whose rows are wrong, and what is, in order
     * @param stale the keys whose rows are as they were because a later change was rejected, and where and why
     * @param changing how many rows the source changes faster than they could be compared
     */
    public record OfSink(
            String exempt,
            boolean isThere,
            long rows,
            String checksum,
            String sourceChecksum,
            List<String> lacking,
            Map<String, String> differing,
            Map<String, String> stale,
            long changing) {
        static OfSink exempt(String why) {
            return new OfSink(why, false, 0, "", "", List.of(), Map.of(), Map.of(), 0);
        }

        /** Whether everything that could be compared is equal. */
        public boolean agrees() {
            return lacking.isEmpty() && differing.isEmpty();
        }
    }

    /** Whether the sinks have what the source has, but for stale keys. */
    public boolean agrees() {
        return sinks.values().stream().allMatch(OfSink::agrees);
    }
}
