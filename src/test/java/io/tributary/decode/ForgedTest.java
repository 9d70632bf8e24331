package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.RawRecord;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events that call themselves what is ours, or what another table is. */
@Pure
class ForgedTest {
    private static String event(String schema, String table) {
        return "{\"before\":null,\"after\":{\"id\":1},\"source\":{\"ts_ms\":1,\"schema\":\"" + schema
                + "\",\"table\":\"" + table + "\"},\"op\":\"c\"}";
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            ``, rejected, cannot take the table 'rejected' of the schema '': it is called as the dead letters
            a.b, c, cannot take the table 'c' of the schema 'a.b': another may have the name a.b.c
            ``, public.orders, cannot take the table 'public.orders' of the schema '': another may have the name public.orders
            """)
    void aNameThatIsOursOrMayBeAnothersIsRefused(String schema, String table, String told) {
        assertThat(new Decoding().outcome("{\"id\":1}", event(schema, table))).isEqualTo("REJECTED forged: " + told);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            a, b.c
            public, rejected
            ``, orders
            tributary, cdc_offsets
            """)
    void othersAreTheirOwn(String schema, String table) {
        assertThat(new Decoding().outcome("{\"id\":1}", event(schema, table))).isEqualTo("CHANGE");
    }

    @Test
    void whatNobodyOfferedAgainIsRefused() {
        Decoding decoding = new Decoding();
        RawRecord record =
                new RawRecord().set("replays", 0, 1, 1, null, event("s", "t").getBytes(StandardCharsets.UTF_8));
        record.replay = RawRecord.REFUSED;

        assertThat(decoding.decoder.decode(record, decoding.change)).isEqualTo(Outcome.REJECTED);
        assertThat(decoding.decoder.reason()).isEqualTo(Reason.FORGED);
    }
}
