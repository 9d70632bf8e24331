package io.tributary.console;

import static io.tributary.console.Lines.change;
import static io.tributary.console.Lines.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Operation;
import org.junit.jupiter.api.Test;

@Pure
final class JsonLineTest {
    private static final String PLACE =
            ",\"topic\":\"cdc.public.orders\",\"partition\":3,\"offset\":42,\"ts_ms\":1700000000100}";

    @Test
    void aNewRowHasNoRowBefore() {
        assertThat(new JsonLine().of(change(Operation.CREATE, null, row(7, "Å\n\"", 1000L, 0L))))
                .isEqualTo("{\"table\":\"public.orders\",\"op\":\"c\",\"key\":{\"id\":7},\"before\":null,\"after\":"
                        + "{\"id\":7,\"city\":\"Å\\n\\\"\",\"amount\":\"10.00\",\"at\":\"1970-01-01 00:00:00+00\"}"
                        + PLACE);
    }

    @Test
    void anUpdateHasBothRows() {
        assertThat(new JsonLine().of(change(Operation.UPDATE, row(7, "Oslo", null, null), row(7, "Rome", null, null))))
                .isEqualTo("{\"table\":\"public.orders\",\"op\":\"u\",\"key\":{\"id\":7},\"before\":"
                        + "{\"id\":7,\"city\":\"Oslo\",\"amount\":null,\"at\":null},\"after\":"
                        + "{\"id\":7,\"city\":\"Rome\",\"amount\":null,\"at\":null}" + PLACE);
    }

    @Test
    void aDeleteHasNoRowAfter() {
        assertThat(new JsonLine().of(change(Operation.DELETE, row(7, null, null, null), null)))
                .isEqualTo("{\"table\":\"public.orders\",\"op\":\"d\",\"key\":{\"id\":7},\"before\":"
                        + "{\"id\":7,\"city\":null,\"amount\":null,\"at\":null},\"after\":null" + PLACE);
    }

    @Test
    void aTruncateHasNoKey() {
        assertThat(new JsonLine().of(change(Operation.TRUNCATE, null, null)))
                .isEqualTo(
                        "{\"table\":\"public.orders\",\"op\":\"t\",\"key\":{\"id\":null},\"before\":null,\"after\":null"
                                + PLACE);
    }
}
