package io.tributary.changelog;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Whose rows somebody has asked for, by bucket: they are given ahead of each barrier until a checkpoint with them is complete. */
final class Asked {
    private final Map<Long, WholeRows.Request> waiting = new HashMap<>();
    private final TreeMap<Long, Map<Long, WholeRows.Request>> given = new TreeMap<>();

    void add(long bucket, WholeRows.Request request) {
        waiting.put(bucket, request);
    }

    /** Those to be given to a checkpoint, which are waited with no longer. */
    Map<Long, WholeRows.Request> take(long checkpointId) {
        Map<Long, WholeRows.Request> taken = new HashMap<>(waiting);
        waiting.clear();
        if (!taken.isEmpty()) {
            given.put(checkpointId, taken);
        }
        return taken;
    }

    /** What was given to earlier ones, of which nothing was heard, is given again: to give it twice does no harm. */
    void complete(long checkpointId) {
        given.remove(checkpointId);
        while (!given.isEmpty() && given.firstKey() < checkpointId) {
            again(given.firstKey());
        }
    }

    void aborted(long checkpointId) {
        again(checkpointId);
    }

    private void again(long checkpointId) {
        Map<Long, WholeRows.Request> taken = given.remove(checkpointId);
        if (taken != null) {
            taken.forEach(waiting::putIfAbsent);
        }
    }
}
