package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of MySQL's and MariaDB's events were there before, told by GTIDs, by the transaction's order, by contents, by the log. */
@Pure
class BinlogOrderTest {
    private static final String SERVER = "85bb5388-eb30-11f1-a69e-02fc00000001";

    private Decoding decoding = new Decoding();
    private String run = "one";
    private String connector = "mysql";
    private long millis = 1_700_000_000_000L;

    private String event(String gtid, String place, int id) {
        return event(gtid, place, id, -1);
    }

    /** A row {@code id} inserted, at {@code file pos row}. */
    private String event(String gtid, String place, int id, int order) {
        String[] at = place.split(" ", -1);
        String source =
                "\"connector\":\"%s\",\"name\":\"cap\",\"ts_ms\":%d,\"snapshot\":\"false\",\"db\":\"inv\",\"table\":\"t\""
                        .formatted(connector, millis);
        String value =
                ("{\"before\":null,\"after\":{\"id\":%d},\"source\":{%s,\"gtid\":%s,\"file\":\"%s\",\"pos\":%s,\"row\":%s},"
                                + "\"transaction\":%s,\"op\":\"c\"}")
                        .formatted(
                                id,
                                source,
                                gtid.isEmpty() ? "null" : "\"" + gtid + "\"",
                                at[0],
                                at[1],
                                at[2],
                                order < 0
                                        ? "null"
                                        : "{\"id\":\"x\",\"total_order\":%d,\"data_collection_order\":1}"
                                                .formatted(order));
        return told(value, Decoding.header("__debezium.context.runId", run));
    }

    private String told(String value, RawRecord.Headers headers) {
        Outcome outcome = decoding.decode(Decoding.TOPIC, null, value.getBytes(StandardCharsets.UTF_8), headers);
        return outcome == Outcome.CHANGE ? "new" : outcome == Outcome.REPEATED ? "again" : decoding.decoder.detail();
    }

    private long number() {
        return decoding.change.sequenceEvent;
    }

    /** What a checkpoint has of it, in another task. */
    private void restart() throws IOException {
        Decoding other = new Decoding();
        for (byte[] order : decoding.decoder.orders(0, 1)) {
            other.decoder.recallOrder(order);
        }
        decoding = other;
    }

    @Test
    void numbersRise() {
        List<Long> numbers = new ArrayList<>();
        for (int i = 1; i < 5; i++) {
            assertThat(event(SERVER + ":" + i, "binlog.000001 " + i * 100 + " 0", i))
                    .isEqualTo("new");
            numbers.add(number());
            assertThat(event(SERVER + ":" + i, "binlog.000001 " + i * 100 + " 1", i))
                    .isEqualTo("new");
            numbers.add(number());
        }
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({"'85bb:1', '85bb:2'", "'85bb:tag:1', '85bb:tag:2'", "'0-1-1', '0-1-2'", "'0-1-1', '0-2-2'"})
    void aLowerGtidWasThereBefore(String first, String second) throws IOException {
        event(first, "binlog.000001 100 0", 1);
        event(second, "binlog.000001 200 0", 2);
        restart();

        assertThat(event(first, "binlog.000001 100 0", 1)).isEqualTo("again");
    }

    @Test
    void alsoOfAnotherServerThatTookOver() {
        event(SERVER + ":1", "binlog.000007 100 0", 1);
        event(SERVER + ":2", "binlog.000007 200 0", 2);
        run = "two";

        assertThat(event(SERVER + ":1", "replica.000001 4 0", 1)).isEqualTo("again");
        assertThat(event(SERVER + ":2", "replica.000001 8 0", 2)).isEqualTo("again");
        assertThat(event("another:1", "replica.000001 12 0", 3)).isEqualTo("new");
        assertThat(event(SERVER + ":3", "replica.000001 16 0", 4)).isEqualTo("new");
    }

    /** Compressed transactions have one place for all. */
    @Test
    void theNewestTransactionIsKnownByItsContentsOnceTheConnectorWasStarted() throws IOException {
        String place = "binlog.000001 100 0";
        for (int id : new int[] {1, 1, 2}) {
            assertThat(event(SERVER + ":1", place, id)).as("rows may be alike").isEqualTo("new");
        }
        run = "two";
        restart();

        List<String> told = new ArrayList<>();
        for (int id : new int[] {1, 1, 2, 2, 3}) {
            told.add(event(SERVER + ":1", place, id));
        }
        assertThat(told).containsExactly("again", "again", "again", "new", "new");
    }

    @Test
    void orByTheTransactionsOrder() throws IOException {
        String place = "binlog.000001 100 0";
        event(SERVER + ":1", place, 1, 1);
        event(SERVER + ":1", place, 1, 2);
        restart();

        assertThat(event(SERVER + ":1", place, 1, 1)).isEqualTo("again");
        assertThat(event(SERVER + ":1", place, 1, 2)).isEqualTo("again");
        assertThat(event(SERVER + ":1", place, 1, 3)).isEqualTo("new");
    }

    @Test
    void orByItsPlaceWhereThoseWereSeenToOrderRows() {
        event(SERVER + ":1", "binlog.000001 100 0", 1);
        event(SERVER + ":1", "binlog.000001 100 1", 1);
        event(SERVER + ":2", "binlog.000001 200 0", 2);

        assertThat(event(SERVER + ":2", "binlog.000001 200 0", 2)).isEqualTo("again");
        assertThat(event(SERVER + ":2", "binlog.000001 200 1", 2)).isEqualTo("new");
    }

    @Test
    void withoutGtidsTheLogIsTheOrder() throws IOException {
        assertThat(event("", "binlog.000009 900 0", 1)).isEqualTo("new");
        assertThat(event("", "binlog.000010 100 0", 2)).isEqualTo("new");
        assertThat(event("", "binlog.000010 100 1", 3)).isEqualTo("new");
        restart();

        assertThat(event("", "binlog.000009 900 0", 1)).isEqualTo("again");
        assertThat(event("", "binlog.000010 100 1", 3)).isEqualTo("again");
        assertThat(event("", "binlog.000010 101 0", 4)).isEqualTo("new");
        assertThat(event("", "other.000001 4 0", 5)).as("another server's log").isEqualTo("new");
    }

    @ParameterizedTest
    @CsvSource({"'85bb:9', '85bb:1'", "'', ''"})
    void whatWasWrittenLaterThanAllIsNewWhereverItIs(String before, String after) {
        event(before, "binlog.000009 900 0", 1);
        long last = number();
        millis += 1000;

        assertThat(event(after, "binlog.000001 4 0", 2))
                .as("the server counts anew")
                .isEqualTo("new");
        assertThat(number()).isGreaterThan(last);
    }

    @Test
    void bothHalvesOfAChangedKeyHaveOneNumber() {
        String source =
                "\"source\":{\"connector\":\"mysql\",\"name\":\"cap\",\"ts_ms\":1,\"snapshot\":\"false\",\"db\":\"inv\",\"table\":\"t\","
                        + "\"gtid\":\"85bb:4\",\"file\":\"b.000001\",\"pos\":7,\"row\":0}";
        assertThat(told(
                        "{\"before\":{\"id\":1},\"after\":null," + source + ",\"op\":\"d\"}",
                        Decoding.header("__debezium.newkey", "{\"id\":2}")))
                .isEqualTo("new");
        long number = number();
        assertThat(told(
                        "{\"before\":null,\"after\":{\"id\":2}," + source + ",\"op\":\"c\"}",
                        Decoding.header("__debezium.oldkey", "{\"id\":1}")))
                .isEqualTo("new");

        assertThat(number()).isEqualTo(number);
    }

    @Test
    void aConnectorThatNobodyKnowsTellsNoPlace() {
        connector = "another";
        event(SERVER + ":2", "binlog.000001 200 0", 2);

        assertThat(event(SERVER + ":1", "binlog.000001 100 0", 1)).isEqualTo("new");
        assertThat(number()).isEqualTo(-1);
    }
}
