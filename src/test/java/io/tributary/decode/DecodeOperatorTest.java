package io.tributary.decode;

import static io.tributary.decode.Decoding.envelope;
import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.update;
import static io.tributary.decode.Decoding.wrapped;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.Form;
import io.tributary.Covers.How;
import io.tributary.Harness;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.StreamType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What decode tells the buckets beside the rows. */
@Harness
final class DecodeOperatorTest {
    private static final String ROW = "{\"id\":1}";
    private OneInputStreamOperatorTestHarness<RawRecord, Event> harness;
    private long offset;
    private int seen;

    @BeforeEach
    void open() throws Exception {
        harness = harness(1);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static OneInputStreamOperatorTestHarness<RawRecord, Event> harness(int buckets) throws Exception {
        HashMap<String, TableSettings> tables =
                new HashMap<>(Map.of("public.t", Decoding.settings(List.of(), Map.of(), buckets)));
        OneInputStreamOperatorTestHarness<RawRecord, Event> harness = new OneInputStreamOperatorTestHarness<>(
                new DecodeOperator(new DecodeSettings(tables, DecodeSettings.UNAVAILABLE, Secret.NONE)));
        harness.setup(
                StreamType.EVENT.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        return harness;
    }

    /** What a record makes of itself: {@code MARKER READ first}, {@code ROW CREATE}; last {@code LETTER} of each dead letter. */
    private List<String> send(int partition, @Nullable String key, @Nullable String value) throws Exception {
        return send(new RawRecord()
                .set(Decoding.TOPIC, partition, offset++, 0, Decoding.bytes(key), Decoding.bytes(value)));
    }

    private List<String> send(RawRecord record) throws Exception {
        harness.processElement(new StreamRecord<>(record));
        List<Event> all = harness.extractOutputValues();
        List<String> told = new ArrayList<>(all.subList(seen, all.size()).stream()
                .filter(event -> event.kind != Event.Kind.DEFINITION)
                .map(event -> event.kind + " " + event.operation
                        + (event.kind == Event.Kind.MARKER && event.first ? " first" : ""))
                .toList());
        seen = all.size();
        Queue<StreamRecord<Change>> letters = harness.getSideOutput(DeadLetters.OUTPUT);
        for (StreamRecord<Change> each = letters == null ? null : letters.poll(); each != null; each = letters.poll()) {
            assertThat(each.getValue().schema.table()).isEqualTo(DeadLetters.TABLE);
            told.add("LETTER");
        }
        return told;
    }

    private List<String> read(int partition, String flag) throws Exception {
        return send(
                partition,
                ROW,
                envelope("r", "null", ROW).replace("\"snapshot\":\"false\"", "\"snapshot\":\"" + flag + "\""));
    }

    @Test
    @Covers(
            row = "re-snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    @Covers(
            row = "snapshot flags",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aSnapshotBeginsAtItsFirstRowAndEndsAtItsLast() throws Exception {
        assertThat(read(0, "first")).containsExactly("MARKER READ first", "ROW READ");
        assertThat(read(0, "true")).containsExactly("ROW READ");
        assertThat(read(0, "last")).containsExactly("ROW READ", "MARKER DELETE");
        assertThat(send(0, ROW, update(ROW))).containsExactly("ROW UPDATE");
        assertThat(read(0, "first_in_data_collection")).containsExactly("MARKER READ first", "ROW READ");
        assertThat(read(0, "last_in_data_collection")).containsExactly("ROW READ", "MARKER DELETE");
    }

    @Test
    @Covers(
            row = "snapshot flags",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aSnapshotOfOneRowMayBeOnlyLast() throws Exception {
        assertThat(read(0, "last")).containsExactly("MARKER READ", "ROW READ", "MARKER DELETE");
    }

    @Test
    @Covers(
            row = "re-snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aSnapshotWithoutLastEndsAtTheFirstStreamedEvent() throws Exception {
        assertThat(read(0, "true")).containsExactly("MARKER READ", "ROW READ");
        assertThat(send(0, ROW, update(ROW))).containsExactly("MARKER DELETE", "ROW UPDATE");
        assertThat(send(0, ROW, update(ROW))).containsExactly("ROW UPDATE");
    }

    @Test
    @Covers(
            row = "re-snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aSnapshotThatBeginsAnewSaysSo() throws Exception {
        read(0, "first");
        assertThat(read(0, "first")).containsExactly("MARKER READ first", "ROW READ");
    }

    @Test
    @Covers(
            row = "incremental snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    void anIncrementalSnapshotNeitherBeginsNorEndsOne() throws Exception {
        assertThat(read(0, "incremental")).containsExactly("ROW READ");
        read(0, "first");
        assertThat(read(0, "incremental")).containsExactly("ROW READ");
        assertThat(read(0, "true")).containsExactly("ROW READ");
    }

    @Test
    @Covers(
            row = "re-snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    void eachPartitionHasASnapshotOfItsOwn() throws Exception {
        read(0, "first");
        assertThat(send(1, ROW, update(ROW))).containsExactly("MARKER DELETE", "ROW UPDATE");
        assertThat(read(0, "true")).containsExactly("ROW READ");
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aTruncateIsToldToAllBucketsAndIsAChangeOfOne() throws Exception {
        harness.close();
        harness = harness(3);
        harness.open();
        send(0, ROW, update(ROW));
        assertThat(send(0, null, envelope("t", "null", "null")))
                .containsExactly("MARKER TRUNCATE", "MARKER TRUNCATE", "ROW TRUNCATE");
        assertThat(harness.extractOutputValues().stream()
                        .filter(change -> change.operation == io.tributary.change.Operation.TRUNCATE
                                && change.kind != Event.Kind.DEFINITION)
                        .map(change -> change.bucket))
                .doesNotHaveDuplicates();
        assertThat(send(0, null, wrapped(envelope("t", "null", "null"), field("id", "int32"))))
                .containsExactly("MARKER TRUNCATE", "MARKER TRUNCATE", "ROW TRUNCATE");
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Form.PLAIN})
    void aTruncateIsOfTheTableWithItsKey() throws Exception {
        send(0, ROW, update(ROW));
        assertThat(send(0, null, envelope("t", "null", "null"))).containsExactly("ROW TRUNCATE");
    }

    @Test
    @Covers(row = "unchanged TOAST", forms = Form.SCHEMA, how = How.REFUSED)
    void aRejectedRecordsKeyIsLost() throws Exception {
        String bad = wrapped(insert("{\"id\":1,\"v\":\"x\"}"), field("id", "int32"), field("v", "int32"));
        assertThat(send(0, ROW, bad)).containsExactly("LOST CREATE", "LETTER");
        assertThat(send(0, null, bad)).containsExactly("LETTER");
        assertThat(send(0, ROW, "{")).containsExactly("LETTER");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers(row = "tombstone")
    void whatATombstoneMeansIsKnownAfterARestart(boolean flat) throws Exception {
        send(0, ROW, flat ? ROW : insert(ROW));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness(1);
        harness.initializeState(state);
        harness.open();
        seen = 0;
        assertThat(send(0, ROW, null)).isEqualTo(flat ? List.of("MARKER DELETE", "ROW DELETE") : List.of());
    }

    /** An event of a row in a topic of one partition; the header, if there is one, says that a key changed. */
    private List<String> moves(String op, int id, int commit, int event, String header) throws Exception {
        return moves(op, id, commit, event, header, true);
    }

    private List<String> moves(String op, int id, int commit, int event, String header, boolean alone)
            throws Exception {
        return send(move(op, id, commit, event, header, alone)).stream()
                .filter(told -> !told.startsWith("MARKER"))
                .toList();
    }

    private RawRecord move(String op, int id, int commit, int event, String header, boolean alone) {
        String row = "{\"id\":" + id + "}";
        String value = (op.equals("d") ? envelope("d", row, "null") : envelope(op, "null", row))
                .replace("\"db\":", "\"name\":\"cdc\",\"db\":")
                .replace("[\\\"10\\\",\\\"20\\\"]", "[\\\"" + commit + "\\\",\\\"" + event + "\\\"]");
        RawRecord record =
                new RawRecord().set(Decoding.TOPIC, 0, offset++, 0, Decoding.bytes(row), Decoding.bytes(value));
        record.alone = alone;
        record.headers = header.isEmpty()
                ? RawRecord.Headers.NONE
                : Decoding.header("__debezium." + header + "key", "{\"id\":0}");
        return record;
    }

    private List<String> tombstone(int id) throws Exception {
        RawRecord record =
                new RawRecord().set(Decoding.TOPIC, 0, offset++, 0, Decoding.bytes("{\"id\":" + id + "}"), null);
        record.alone = true;
        return send(record);
    }

    private void restart() throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness(1);
        harness.initializeState(state);
        harness.open();
        seen = 0;
    }

    @Test
    void theLostHalfOfAChangedKeyIsToldByTheNextRecord() throws Exception {
        assertThat(moves("d", 1, 10, 20, "new")).containsExactly("ROW DELETE");
        assertThat(tombstone(1)).isEmpty();
        assertThat(moves("u", 9, 30, 40, "")).containsExactly("ROW UPDATE", "LETTER");
        assertThat(moves("u", 9, 30, 41, "")).as("told once").containsExactly("ROW UPDATE");
        assertThat(moves("d", 2, 50, 60, "new")).containsExactly("ROW DELETE");
        assertThat(moves("d", 3, 50, 61, "new")).as("another key changed").containsExactly("ROW DELETE", "LETTER");
        assertThat(moves("c", 4, 50, 61, "old")).as("its own half").containsExactly("ROW CREATE");
        assertThat(moves("c", 5, 50, 62, "old")).containsExactly("ROW CREATE");
    }

    /** Letters before it may be committed: one behind their fence would not be taken. */
    @Test
    void aLostHalfIsALetterAtThePlaceThatTellsIt() throws Exception {
        send(0, ROW, insert(ROW));
        moves("d", 1, 10, 20, "new");
        RawRecord next = move("u", 9, 30, 40, "", true);
        harness.processElement(new StreamRecord<>(next));
        Change letter = harness.getSideOutput(DeadLetters.OUTPUT).poll().getValue();
        assertThat(letter.offset).isEqualTo(next.offset).isEqualTo(2);
        assertThat(new String(letter.after.copy(), StandardCharsets.UTF_8))
                .contains("half-key-change", "@1] cannot tell", "__debezium.newkey");
    }

    @Test
    void aLostHalfIsToldAfterARestart() throws Exception {
        assertThat(moves("d", 1, 10, 20, "new")).containsExactly("ROW DELETE");
        restart();
        assertThat(moves("c", 9, 30, 40, "old")).as("of another key").containsExactly("ROW CREATE", "LETTER");
        restart();
        assertThat(moves("u", 9, 30, 41, "")).containsExactly("ROW UPDATE");
    }

    @Test
    void halvesThatComeAreNotLost() throws Exception {
        assertThat(moves("d", 1, 10, 20, "new")).containsExactly("ROW DELETE");
        restart();
        assertThat(moves("c", 2, 10, 20, "old")).containsExactly("ROW CREATE");
        restart();
        assertThat(moves("u", 2, 30, 40, "")).containsExactly("ROW UPDATE");
        // a connector that begins again tells what was before, then both halves
        assertThat(moves("d", 3, 50, 60, "new")).containsExactly("ROW DELETE");
        assertThat(moves("u", 2, 30, 90, "")).containsExactly("ROW UPDATE");
        assertThat(moves("d", 3, 50, 60, "new")).containsExactly("ROW DELETE");
        assertThat(moves("c", 4, 50, 60, "old")).containsExactly("ROW CREATE");
        assertThat(moves("u", 4, 70, 80, "")).containsExactly("ROW UPDATE");
        // one that cannot be read is a dead letter of its own
        assertThat(moves("d", 8, 81, 81, "new")).containsExactly("ROW DELETE");
        RawRecord broken = move("c", 9, 81, 81, "old", true);
        broken.value = Decoding.bytes("{");
        assertThat(send(broken)).containsExactly("LOST CREATE", "LETTER");
        assertThat(moves("u", 4, 81, 82, "")).containsExactly("ROW UPDATE");
        // one that was repaired has lost its headers
        assertThat(moves("d", 6, 82, 84, "new")).containsExactly("ROW DELETE");
        assertThat(moves("c", 7, 82, 84, "")).containsExactly("ROW CREATE");
        assertThat(moves("u", 7, 86, 88, "")).containsExactly("ROW UPDATE");
        // the other half may be in another partition
        assertThat(moves("d", 5, 90, 100, "new", false)).containsExactly("ROW DELETE");
        assertThat(moves("u", 4, 110, 120, "", false)).containsExactly("ROW UPDATE");
    }
}
