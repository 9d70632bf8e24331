package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of which connector, server and database a row is. */
@Pure
class SourceOriginsTest {
    private final Decoding decoding = new Decoding();

    private static String event(String source) {
        return "{\"before\":null,\"after\":{\"id\":1,\"v\":\"x\"},\"source\":{\"version\":\"3\",\"ts_ms\":1760000000000,"
                + "\"snapshot\":\"false\"," + source + "},\"op\":\"c\",\"ts_ms\":1760000000000}";
    }

    private static String postgres(String server, String database) {
        return event(
                "\"connector\":\"postgresql\",\"name\":\"" + server + "\",\"db\":\"" + database
                        + "\",\"sequence\":\"[\\\"1\\\",\\\"2\\\"]\",\"schema\":\"public\",\"table\":\"t\",\"txId\":1,\"lsn\":2,\"xmin\":null");
    }

    private String origin(String value) {
        assertThat(decoding.outcome("{\"id\":1}", value)).isEqualTo("CHANGE");
        return decoding.change.requireSchema().told().origin();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "connector":"postgresql","name":"cdc","db":"shop","schema":"public","table":"t" | postgresql/cdc/shop
            "connector":"mysql","name":"my","db":"shop","table":"t"                         | mysql/my
            "connector":"sqlserver","name":"ms","db":"tenant1","schema":"dbo","table":"t"   | sqlserver/ms/tenant1
            "table":"t","schema":"public","db":"shop","name":"c\\u0064c","connector":"postgresql" | postgresql/cdc/shop
            "name":"cdc","db":"shop","schema":"public","table":"t"                          | /cdc/shop
            "connector":"postgresql","db":"shop","schema":"public","table":"t"              | ``
            "connector":"postgresql","name":"","db":"shop","schema":"public","table":"t"    | ``
            "connector":5,"name":null,"db":{},"schema":"public","table":"t"                 | ``
            """)
    void itSaysSo(String source, String origin) {
        for (int i = 0; i < 3; i++) {
            assertThat(origin(event(source))).isEqualTo(origin);
        }
    }

    @Test
    void eachEventItsOwn() {
        String nameless = event("\"connector\":\"postgresql\",\"db\":\"shop\",\"schema\":\"public\",\"table\":\"t\"");
        for (int i = 0; i < 3; i++) {
            assertThat(origin(postgres("one", "a"))).isEqualTo("postgresql/one/a");
            assertThat(origin(postgres("two", "a"))).isEqualTo("postgresql/two/a");
            assertThat(origin(postgres("two", "a"))).isEqualTo("postgresql/two/a");
            assertThat(origin(nameless)).isEmpty();
            assertThat(origin(postgres("two", "a"))).isEqualTo("postgresql/two/a");
            assertThat(origin(postgres("two", "b"))).isEqualTo("postgresql/two/b");
        }
        for (int i = 0; i < 100; i++) { // more than are kept
            assertThat(origin(postgres("many", "d" + i))).isEqualTo("postgresql/many/d" + i);
        }
    }

    @Test
    void aRowAloneDoesNotAndHasNothingOfTheOneBefore() {
        assertThat(origin(postgres("one", "a"))).isEqualTo("postgresql/one/a");
        byte[] key = Decoding.bytes("{\"id\":1}");
        assertThat(decoding.decode(
                        "other.public.f", key, Decoding.bytes("{\"id\":1,\"v\":\"x\",\"__deleted\":\"false\"}")))
                .isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.requireSchema().told().origin()).isEmpty();
        decoding.decoder.recall("flat another.public.g");
        assertThat(origin(postgres("one", "a"))).isEqualTo("postgresql/one/a");
        assertThat(decoding.decode("another.public.g", key, null)).isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.requireSchema().told().origin()).isEmpty();
    }

    /** Its column tells rows of the shards apart. */
    @Test
    void aRoutersTableIsOfAll() {
        String key = "{\"id\":1,\"__dbz__physicalTableIdentifier\":\"one.public.t\"}";
        assertThat(decoding.outcome(key, postgres("one", "a"))).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().told().origin()).isEmpty();
    }

    @Test
    void whereTablesAreMergedItIsNotAsked() {
        Decoder merging = new Decoder(
                new DecodeSettings(new HashMap<>(), DecodeSettings.UNAVAILABLE, Secret.NONE, Limits.DEFAULT, true));
        Event change = new Event();
        RawRecord record = new RawRecord()
                .set("cdc.public.t", 0, 1, 1, Decoding.bytes("{\"id\":1}"), Decoding.bytes(postgres("one", "a")));
        assertThat(merging.decode(record, change)).isEqualTo(Outcome.CHANGE);
        assertThat(change.requireSchema().told().origin()).isEmpty();
        assertThat(change.requireSchema().told().isKnown()).isTrue();
    }
}
