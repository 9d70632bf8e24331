package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Savepoints and records under way hold these by their ordinal: append, never reorder. */
@Pure
final class FrozenNumbersTest {
    @Test
    void operationsAreFrozen() {
        assertThat(names(Operation.values())).isEqualTo("READ CREATE UPDATE DELETE TRUNCATE");
        for (Operation operation : Operation.values()) {
            assertThat(Operation.of(operation.ordinal())).isEqualTo(operation);
        }
        assertThat(Arrays.stream(Operation.values())
                        .map(o -> String.valueOf(o.code()))
                        .collect(Collectors.joining()))
                .isEqualTo("rcudt");
    }

    @Test
    void kindsOfColumnsAreFrozen() {
        assertThat(names(ColumnType.Kind.values()))
                .isEqualTo("BOOLEAN INT16 INT32 INT64 FLOAT32 FLOAT64 DECIMAL TEXT JSON BYTES DATE TIME TIMESTAMP"
                        + " TIMESTAMPTZ ANY");
    }

    private static String names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).collect(Collectors.joining(" "));
    }
}
