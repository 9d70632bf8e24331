package io.tributary.changelog;

import static io.tributary.changelog.Rowing.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a connector delivers again after it has started again. */
@Pure
class RedeliveryTest {
    /** What a connector's first transaction gives as the commit before it. */
    private static final long NONE = 0;

    private final Changelog changelog = new Changelog(Map.of());
    private final MemoryRows rows = new MemoryRows();
    private final Bucket bucket = new Bucket();

    @BeforeEach
    void schemaIsKnown() {
        bucket.define(Rowing.SCHEMA);
    }

    private Verdict apply(Event change) {
        return changelog.apply(change, bucket, rows, emitted -> {});
    }

    @Test
    void rowOfTheFirstTransactionIsNotBroughtBackAfterItsDelete() {
        apply(change(Operation.CREATE, 1, "a", "x", NONE, 11));
        apply(change(Operation.DELETE, 1, null, null, 20, 21));

        assertThat(apply(change(Operation.CREATE, 1, "a", "x", NONE, 11))).isEqualTo(Verdict.DUPLICATE);
        assertThat(apply(change(Operation.DELETE, 1, null, null, 20, 21))).isEqualTo(Verdict.DUPLICATE);
        assertThat(rows.isEmpty()).isTrue();
    }

    @Test
    void firstTransactionItselfIsRecognised() {
        List<Verdict> verdicts = new ArrayList<>();
        for (int time = 0; time < 2; time++) {
            verdicts.add(apply(change(Operation.CREATE, 1, "a", "x", NONE, 11)));
            verdicts.add(apply(change(Operation.DELETE, 1, null, null, NONE, 12)));
        }

        assertThat(verdicts).containsExactly(Verdict.APPLIED, Verdict.APPLIED, Verdict.DUPLICATE, Verdict.DUPLICATE);
    }

    @Test
    void firstTransactionOfANewConnectorIsNew() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        apply(change(Operation.UPDATE, 1, "b", "x", 20, 21));

        assertThat(apply(change(Operation.UPDATE, 1, "c", "x", NONE, 31))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.UPDATE, 1, "d", "x", 40, 41))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void deleteOfARowWithoutAKeyHasAPlaceOfItsOwn() {
        Event insert = keyless(Operation.CREATE, 10, 11);
        apply(insert);
        assertThat(apply(keyless(Operation.CREATE, 10, 11)))
                .as("another row of one COPY")
                .isEqualTo(Verdict.APPLIED);

        assertThat(apply(keyless(Operation.DELETE, 20, 21))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(keyless(Operation.DELETE, 20, 21))).isEqualTo(Verdict.DUPLICATE);
    }

    private static Event keyless(Operation operation, long commit, long event) {
        Event change = change(operation, 1, "a", "x", commit, event);
        change.key.clear();
        return change;
    }
}
