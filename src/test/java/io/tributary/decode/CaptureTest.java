package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.source.Captures;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recorded traffic, with and without its schema blocks: how many records are what. */
@Pure
final class CaptureTest {
    private static final String COUNTS = """
            types_default                 | c=50, d=4, r=50, tombstone=4, u=10
            types_string_isostring_base64 | c=50, d=4, r=50, tombstone=4, u=10
            recommended_microseconds      | c=50, d=4, r=50, tombstone=4, u=10
            ops_identity                  | c=15, d=10, r=17, tombstone=10, u=14
            truncate                      | c=6, r=6, t=6
            toast_small_hex               | c=2, d=2, r=1, tombstone=2, u=3
            schema_change_nullfix         | c=11, d=2, r=4, tombstone=2, u=15
            txn                           | c=10, d=2, message=3, r=3, tombstone=2, transaction=18, u=1
            heartbeat                     | c=2, heartbeat=11, message=2, r=2, u=11
            snapshot_incremental          | c=29, d=2, r=61, tombstone=2, u=7
            partitioned_leaf              | c=6, d=2, r=10, t=1, tombstone=2, u=1
            generated_defaults            | c=3, d=2, r=5, tombstone=2, u=3
            generated_defaults_nullfix    | c=3, d=2, r=5, tombstone=2, u=3
            numnan_string                 | c=6, r=1
            route_single_topic            | c=10, d=2, message=3, r=3, tombstone=2, u=1
            workload_small                | c=159, d=104, r=68, t=1, tombstone=104, transaction=106, u=192
            """;
    /**
     * Rows that a transform took out of their envelope: with the operation beside the columns, and by default without; then a
     * tombstone is a delete, and says nothing of a table without a key.
     */
    private static final String UNWRAPPED = """
            toast_small_unwrap | c=2, d=2, r=1, u=3
            unwrap_rewrite     | c=6, d=5, key=1, message=1, r=6, u=2
            unwrap_default     | c=15, d=4, message=1, tombstone=1
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = COUNTS)
    @Covers(row = "partitioned tables", forms = Covers.Form.PLAIN)
    @Covers(row = "messages, heartbeats", forms = Covers.Form.PLAIN)
    void everyRecordWithoutASchemaBlockIsUnderstood(String capture, String counts) {
        assertThat(counts(capture)).hasToString("{" + counts + "}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = COUNTS)
    @Covers(row = "partitioned tables", forms = Covers.Form.SCHEMA)
    @Covers(row = "messages, heartbeats", forms = Covers.Form.SCHEMA)
    @Covers(row = "transactions", forms = Covers.Form.SCHEMA)
    void everyRecordWithASchemaBlockIsUnderstood(String capture, String counts) {
        assertThat(counts(capture + ".schemas")).hasToString("{" + counts + "}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = UNWRAPPED)
    @Covers(row = "unwrapped rows", forms = Covers.Form.FLAT)
    @Covers(row = "keyless table", forms = Covers.Form.FLAT, how = Covers.How.POLICY)
    @Covers(row = "messages, heartbeats", forms = Covers.Form.FLAT)
    void everyRowWithoutAnEnvelopeIsUnderstood(String capture, String counts) {
        assertThat(counts(capture)).hasToString("{" + counts + "}");
        assertThat(counts(capture + ".schemas")).hasToString("{" + counts + "}");
    }

    /** Operations, what is ignored, and the reasons of rejections. */
    private static Map<String, Integer> counts(String capture) {
        Map<String, Integer> counts = new TreeMap<>();
        Decoder decoder = new Decoder(DecodeSettings.NONE);
        Event change = new Event();
        for (RawRecord record : Captures.records(capture)) {
            String what =
                    switch (decoder.decode(record, change)) {
                        case CHANGE -> String.valueOf(change.operation.code());
                        case REPEATED -> "repeated";
                        case IGNORED -> decoder.ignored();
                        case REJECTED -> decoder.reason().label();
                    };
            counts.merge(what, 1, Integer::sum);
        }
        return counts;
    }
}
