package io.tributary.decode;

import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A way in which Debezium's events are written: the door for a further one. Providers are found by {@link
 * java.util.ServiceLoader} and asked of each record, of its key and of its value. JSON takes what no other does.
 */
interface Encoding {
    /** Whether the record's value, which is not null, is written so. */
    boolean isValue(RawRecord record);

    /** Whether the record's key, which is not null, is written so. */
    boolean isKey(RawRecord record);

    EnvelopeReader reader(Tools tools);

    /**
     * What the readers of one decoder share.
     *
     * @param rows what all rows and keys are written to
     * @param key the present record's key; null where it has none, or it was not opened
     * @param hidden hides the values of columns that are hashed or masked
     * @param placeholders what stands for values that were not sent
     * @param dialects what they ask a source for, and which one it is of
     * @param tellsOrigins whether tables of one name in two databases or servers are two
     */
    record Tools(
            RowWriter rows,
            Supplier<@Nullable KeyReader> key,
            Hidden hidden,
            Placeholders placeholders,
            SourceDialects dialects,
            boolean tellsOrigins) {}
}
