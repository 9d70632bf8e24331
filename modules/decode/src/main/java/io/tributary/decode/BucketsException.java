package io.tributary.decode;

import io.tributary.change.TableName;
import io.tributary.flow.ConflictException;

/** The rows of a table are in other buckets than they would be looked for in. */
final class BucketsException extends ConflictException {
    BucketsException(TableName table, int before, int now) {
        super(
                "'tables.%s.buckets' must stay %d, as the state that the job goes on from has its rows in so many, got %d: set it back, or submit the job afresh, without state"
                        .formatted(table, before, now));
    }
}
