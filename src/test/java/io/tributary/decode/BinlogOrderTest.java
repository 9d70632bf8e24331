package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of MySQL's and MariaDB's events was delivered again: and, above all, what was not. */
@Pure
class BinlogOrderTest {
    private static final String SERVER = "85bb5388-eb30-11f1-a69e-02fc00000001";

    private Decoding decoding = new Decoding();
    private String run = "one";
    private String connector = "mysql";
    private String name = "cap";
    private long millis = 1_700_000_000_000L;
    private String topicId = "";
    private long offset;

    /** A row {@code id} inserted, at {@code file pos row}. */
    private String event(String gtid, String place, int id) {
        String[] at = place.split(" ", -1);
        String source =
                "\"connector\":\"%s\",\"name\":\"%s\",\"ts_ms\":%d,\"snapshot\":\"false\",\"db\":\"inv\",\"table\":\"t\""
                        .formatted(connector, name, millis);
        String value =
                "{\"before\":null,\"after\":{\"id\":%d},\"source\":{%s,\"gtid\":%s,\"file\":\"%s\",\"pos\":%s,\"row\":%s},\"op\":\"c\"}"
                        .formatted(id, source, gtid.isEmpty() ? "null" : "\"" + gtid + "\"", at[0], at[1], at[2]);
        return told(value);
    }

    private String told(String value) {
        RawRecord record = new RawRecord()
                .set(Decoding.TOPIC, 3, ++offset, 1_700_000_000_500L, null, value.getBytes(StandardCharsets.UTF_8));
        record.topicId = topicId;
        record.headers = Decoding.header("__debezium.context.runId", run);
        Outcome outcome = decoding.decoder.decode(record, decoding.change);
        return outcome == Outcome.CHANGE ? "new" : outcome == Outcome.REPEATED ? "again" : decoding.decoder.detail();
    }

    /** Of one transaction, a row at each place. */
    private List<String> rows(String gtid, String... placesAndIds) {
        List<String> told = new ArrayList<>();
        for (String each : placesAndIds) {
            int last = each.lastIndexOf(' ');
            told.add(event(
                    gtid, "binlog.000001 " + each.substring(0, last), Integer.parseInt(each.substring(last + 1))));
        }
        return told;
    }

    /** What a checkpoint has of it, in another task. */
    private void restart() throws IOException {
        Decoding other = new Decoding();
        for (byte[] order : decoding.decoder.orders(0, 1)) {
            other.decoder.recallOrder(order);
        }
        decoding = other;
    }

    @ParameterizedTest
    @CsvSource({"'85bb:1', '85bb:2'", "'85bb:tag:1', '85bb:tag:2'", "'0-1-1', '0-1-2'", "'0-1-1', '0-2-2'", "'', ''"})
    @Covers(row = "MySQL, MariaDB restarts", forms = Covers.Form.PLAIN)
    void aTransactionThatAnotherFollowedComesAgain(String first, String second) throws IOException {
        event(first, "binlog.000001 100 0", 1);
        event(second, "binlog.000001 200 0", 2);
        restart();

        assertThat(event(first, "binlog.000001 100 0", 1)).isEqualTo("again");
        assertThat(event(second, "binlog.000001 200 0", 2)).isEqualTo("again");
        assertThat(event(second, "binlog.000001 200 1", 2)).isEqualTo("new");
    }

    @Test
    void alsoFromAServerThatTookOver() {
        event(SERVER + ":1", "binlog.000007 100 0", 1);
        event(SERVER + ":2", "binlog.000007 200 0", 2);
        run = "two";

        assertThat(event(SERVER + ":1", "replica.000001 4 0", 1)).isEqualTo("again");
        assertThat(event(SERVER + ":2", "replica.000001 8 0", 2)).isEqualTo("again");
        assertThat(event(SERVER + ":2", "replica.000001 9 0", 3)).isEqualTo("new");
        assertThat(event("another:1", "replica.000001 12 0", 3)).isEqualTo("new");
        assertThat(event(SERVER + ":3", "replica.000001 16 0", 4)).isEqualTo("new");
    }

    /** Servers with parallel workers, groups of servers, and MariaDB without its strict mode commit them so. */
    @ParameterizedTest
    @CsvSource({"'85bb:7', '85bb:5'", "'85bb:1000001', '85bb:2'", "'0-1-100', '0-2-99'", "'0-1-100', '0-2-100'"})
    void aLowerGtidThatWasNotThereIsNew(String first, String second) {
        event(first, "binlog.000001 100 0", 1);
        run = "two";

        assertThat(event(second, "binlog.000001 200 0", 2)).isEqualTo("new");
    }

    /** Compressed transactions, and those of MariaDB since 11.4, have one place for all. */
    @Test
    void theNewestTransactionIsKnownByItsContentsOnceTheConnectorWasStarted() throws IOException {
        assertThat(rows(SERVER + ":1", "100 0 1", "100 0 1", "100 0 2")).containsOnly("new");
        run = "two";
        restart();

        assertThat(rows(SERVER + ":1", "100 0 1", "100 0 1", "100 0 2", "100 0 2", "100 0 3"))
                .containsExactly("again", "again", "again", "new", "new");
    }

    @Test
    void whatOfItHadNotComeIsNew() {
        rows(SERVER + ":1", "100 0 1", "100 1 2");
        run = "two";
        assertThat(rows(SERVER + ":1", "100 0 3", "100 1 4"))
                .as("another statement")
                .containsOnly("new");

        rows(SERVER + ":2", "200 0 5", "200 1 5", "200 2 5");
        run = "three";
        assertThat(rows(SERVER + ":2", "200 3 5", "200 4 5")).as("equal rows").containsOnly("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVER + ":1", "0-1-1", ""})
    void withoutAStartNothingOfItComesAgain(String gtid) {
        String[] statement = {"100 0 1", "100 1 2", "100 2 3"};
        for (int i = 0; i < 3; i++) {
            assertThat(rows(gtid, statement)).as("a statement that is repeated").containsOnly("new");
        }
    }

    @Test
    void ofALargeOneTheNewestEventsAreKnown() {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 9000; i++) {
            rows.add((100 + i / 100) + " " + i % 100 + " " + i);
        }
        assertThat(rows(SERVER + ":1", rows.toArray(String[]::new))).containsOnly("new");
        run = "two";

        String[] newest = rows.subList(9000 - 8192, 9000).toArray(String[]::new);
        assertThat(rows(SERVER + ":1", newest)).containsOnly("again");
        assertThat(rows(SERVER + ":1", "300 0 9001")).containsOnly("new");
    }

    @Test
    void ofThoseThatAreForgottenTheNameTellsBehindAStart() {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            for (int row = 0; row < 10; row++) {
                told.add(event(SERVER + ":" + i, "binlog.000001 " + (100 + i) + " " + row, i));
            }
        }
        assertThat(told).containsOnly("new");
        run = "two";
        told.clear();
        for (int i = 0; i < 900; i++) {
            for (int row = 0; row < 10; row++) {
                told.add(event(SERVER + ":" + i, "binlog.000001 " + (100 + i) + " " + row, i));
            }
        }
        assertThat(told).containsOnly("again");
        assertThat(event(SERVER + ":900", "binlog.000001 5000 0", 1)).isEqualTo("new");
    }

    /** A broker may have refused it, or a connector skipped it, or it could not be read. */
    @Test
    void whatIsMissingOfATransactionThatOthersFollowedIsNew() {
        rows(SERVER + ":1", "100 0 1");
        rows(SERVER + ":2", "200 0 2");
        assertThat(rows(SERVER + ":1", "100 1 3"))
                .as("by another partition, say")
                .containsOnly("new");
        run = "two";

        assertThat(rows(SERVER + ":1", "100 0 1", "100 2 4")).containsExactly("again", "new");
        assertThat(rows(SERVER + ":2", "200 0 2", "200 1 5")).containsExactly("again", "new");
    }

    @Test
    void aLowerPlaceIsNoneThatWasThere() {
        assertThat(event("", "binlog.000002 4294966874 0", 1)).isEqualTo("new");
        assertThat(event("", "binlog.000002 698 0", 2))
                .as("of 4 GB, it begins anew")
                .isEqualTo("new");
        assertThat(event("", "binlog.000002 1818 0", 3)).isEqualTo("new");
    }

    @Test
    void equalRowsOfTwoTablesAreTwo() {
        assertThat(event("85bb:1", "binlog.000001 100 0", 1)).isEqualTo("new");
        run = "two";
        String other =
                "{\"before\":null,\"after\":{\"id\":1},\"source\":{\"connector\":\"mysql\",\"name\":\"cap\",\"ts_ms\":%d,\"db\":\"inv\",\"table\":\"u\",\"gtid\":\"85bb:1\",\"file\":\"binlog.000001\",\"pos\":100,\"row\":0},\"op\":\"c\"}";
        assertThat(told(other.formatted(millis))).isEqualTo("new");
    }

    @Test
    void aSnapshotBeginsAnewInEachPartition() {
        event("85bb:9", "binlog.000009 900 0", 1);
        event("85bb:10", "binlog.000009 901 0", 1);
        told(
                "{\"before\":null,\"after\":{\"id\":1},\"source\":{\"connector\":\"mysql\",\"name\":\"cap\",\"ts_ms\":%d,\"snapshot\":\"true\",\"db\":\"inv\",\"table\":\"t\",\"gtid\":null,\"file\":\"binlog.000001\",\"pos\":4,\"row\":0},\"op\":\"r\"}"
                        .formatted(millis));

        assertThat(event("85bb:9", "binlog.000009 900 0", 1)).isEqualTo("new");
    }

    @Test
    void withoutGtidsTheLogIsTheOrder() throws IOException {
        assertThat(event("", "binlog.000009 900 0", 1)).isEqualTo("new");
        assertThat(event("", "binlog.000010 100 0", 2)).isEqualTo("new");
        assertThat(event("", "binlog.000010 100 1", 3)).isEqualTo("new");
        restart();

        assertThat(event("", "binlog.000009 900 0", 1)).isEqualTo("again");
        assertThat(event("", "binlog.000010 100 0", 2)).isEqualTo("again");
        assertThat(event("", "binlog.000010 100 1", 3)).isEqualTo("again");
        assertThat(event("", "binlog.000010 101 0", 4)).isEqualTo("new");
        assertThat(event("", "other.000001 4 0", 5)).as("another server's log").isEqualTo("new");
    }

    @ParameterizedTest
    @CsvSource({"'85bb:9', '85bb:1'", "'', ''"})
    void whatWasWrittenLaterThanAllIsNewWhereverItIs(String before, String after) {
        event(before, "binlog.000009 900 0", 1);
        event(before, "binlog.000009 901 0", 1);
        millis += 1000;
        run = "two";

        assertThat(event(after, "binlog.000001 4 0", 2))
                .as("the server counts anew")
                .isEqualTo("new");
    }

    @Test
    void twoSourcesOfOnePartitionAreTwo() {
        event("", "binlog.000100 5000 0", 1);
        name = "other";
        assertThat(event("", "binlog.000003 400 0", 2)).isEqualTo("new");
        name = "cap";
        assertThat(event("", "binlog.000100 5000 0", 1)).isEqualTo("new");
        name = "other";
        event("", "binlog.000003 500 0", 3);
        assertThat(event("", "binlog.000003 400 0", 2)).isEqualTo("again");
    }

    @Test
    void aTopicMadeAnewHasAllOfItAgain() throws IOException {
        topicId = "first";
        event("85bb:1", "binlog.000001 100 0", 1);
        event("85bb:2", "binlog.000001 200 0", 2);
        restart();
        assertThat(event("85bb:1", "binlog.000001 100 0", 1)).isEqualTo("again");

        topicId = "second";
        offset = 0;
        assertThat(event("85bb:1", "binlog.000001 100 0", 1)).isEqualTo("new");
        restart();
        assertThat(event("85bb:2", "binlog.000001 200 0", 2)).isEqualTo("new");
    }

    /** A null is the delete of such a row, and has no place. */
    @Test
    @Covers(row = "MySQL, MariaDB restarts", forms = Covers.Form.FLAT, how = Covers.How.POLICY)
    void rowsWithoutAnEnvelopeAreNew() {
        for (String gtid : List.of("85bb:1", "85bb:2", "85bb:1")) {
            assertThat(told(
                            "{\"id\":1,\"__op\":\"c\",\"__source_gtid\":\"%s\",\"__source_file\":\"b.000001\",\"__source_pos\":4,\"__source_row\":0}"
                                    .formatted(gtid)))
                    .isEqualTo("new");
        }
    }

    @Test
    void whatIsLongerThanAnyPlaceIsNone() throws IOException {
        String gtid = "8".repeat(70_000) + ":5";
        for (int i = 0; i < 2; i++) {
            assertThat(event(gtid, "b.000001 4 0", 1)).isEqualTo("new");
        }
        run = "r".repeat(70_000);
        assertThat(event("85bb:1", "binlog.000001 4 0", 1)).isEqualTo("new");
        restart();
    }

    @Test
    void aConnectorThatNobodyKnowsTellsNoPlace() {
        connector = "another";
        event(SERVER + ":1", "binlog.000001 100 0", 2);
        event(SERVER + ":2", "binlog.000001 200 0", 2);

        assertThat(event(SERVER + ":1", "binlog.000001 100 0", 1)).isEqualTo("new");
    }
}
