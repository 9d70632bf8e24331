package io.tributary.source;

import io.tributary.change.RawRecord;
import java.io.IOException;

/** Takes records one by one; each may be reused for the next. */
public interface RecordConsumer {
    void accept(RawRecord record) throws IOException;
}
