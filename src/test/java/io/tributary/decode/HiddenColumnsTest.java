package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A misspelt hidden column would be stored as it is: its table is not, until it is mended. */
@Pure
class HiddenColumnsTest {
    private static final String REFUSED = "REJECTED hidden: cannot store a row of public.t: 'columns' hides 'emial',"
            + " which is none of its columns; mend its name, or take it out";
    private static final String SOURCE = "\"source\":{\"ts_ms\":1,\"schema\":\"public\",\"table\":\"t\"}";
    private static final String KEY = "{\"id\":1}";

    private static Decoding hiding(String... columns) {
        Map<String, Privacy> privacy = new java.util.HashMap<>();
        for (String column : columns) {
            privacy.put(column, Privacy.MASK);
        }
        return Decoding.of(new TableSettings(List.of(), Map.of(), 1, OutOfRange.TEXT, privacy, false));
    }

    private static String event(String op, String row) {
        String image = op.equals("d") ? "\"before\":" + row + ",\"after\":null" : "\"before\":null,\"after\":" + row;
        return "{" + image + "," + SOURCE + ",\"op\":\"" + op + "\",\"ts_ms\":1}";
    }

    private static String withSchema(String... columns) {
        StringBuilder fields = new StringBuilder("{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}");
        StringBuilder row = new StringBuilder("{\"id\":1");
        for (String column : columns) {
            fields.append(",{\"type\":\"string\",\"optional\":true,\"field\":\"")
                    .append(column)
                    .append("\"}");
            row.append(",\"").append(column).append("\":\"canary\"");
        }
        String image = "{\"type\":\"struct\",\"fields\":[" + fields + "],\"optional\":true,\"field\":\"";
        return "{\"schema\":{\"type\":\"struct\",\"fields\":[" + image + "before\"}," + image
                + "after\"},{\"type\":\"string\",\"optional\":false,\"field\":\"op\"}],\"optional\":false,\"name\":\"e\"},\"payload\":"
                + event("c", row + "}") + "}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'before':null,'after':{'id':1,'email':'canary'},S,'op':'c','ts_ms':1}",
                "{'before':null,'after':{'id':1,'email':'canary'},S,'op':'r','ts_ms':1}",
                "{'before':{'id':1,'email':'canary'},'after':{'id':1,'email':'canary'},S,'op':'u','ts_ms':1}",
                "{'before':{'id':1,'email':'canary'},'after':null,S,'op':'d','ts_ms':1}",
                "{'id':1,'email':'canary','__op':'c','__table':'t','__schema':'public'}",
            })
    void aTableWithoutAHiddenColumnIsRefused(String value) {
        Decoding decoding = hiding("emial");

        assertThat(decoding.outcome(KEY, value.replace("S", SOURCE).replace('\'', '"')))
                .isEqualTo(REFUSED);
        assertThat(decoding.decoder.isPrivate()).isTrue();
        assertThat(decoding.change.key.isPresent()).isFalse();
    }

    @Test
    void alsoWhereEventsBringTheirSchema() {
        assertThat(hiding("emial").outcome(KEY, withSchema("email"))).isEqualTo(REFUSED);
        assertThat(hiding("email", "emial").outcome(KEY, withSchema("email"))).isEqualTo(REFUSED);
        assertThat(hiding("Email").outcome(KEY, withSchema("email"))).contains("hides 'Email'");
        assertThat(hiding("email").outcome(KEY, withSchema("email"))).isEqualTo("CHANGE");
    }

    @Test
    void aColumnThatTheSourceHasDroppedIsMissedByNobody() {
        Decoding decoding = hiding("email");
        assertThat(decoding.outcome(KEY, withSchema("email", "name"))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, withSchema("name"))).isEqualTo("CHANGE");

        Decoding restarted = hiding("email");
        decoding.decoder.memory().forEach(restarted.decoder::recall);
        assertThat(restarted.outcome(KEY, withSchema("name"))).isEqualTo("CHANGE");

        Decoding withMore = hiding("email", "emial");
        decoding.decoder.memory().forEach(withMore.decoder::recall);
        assertThat(withMore.outcome(KEY, withSchema("email", "name"))).isEqualTo(REFUSED);
    }
}
