package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Buckets;
import io.tributary.flow.StreamType;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * State that earlier versions wrote. {@code savepoints/changelog-1.gz} was written by the first: rows 1 {@code (a, long)} and 2
 * {@code (b, longer)} of {@code t(id int, v text, big text)}, row 3 made and deleted, up to commit 20, event 21. {@code
 * changelog-2.gz} was written by the second: rows 1 {@code (a1, big1)} and 2 {@code (a2, big2)}, and of the latter a shadow {@code (too
 * long, changed)} of an update that a rule rejected at event 21. {@code changelog-6.gz} was written by the last whose schemas told neither origin nor order: rows 1
 * {@code (a1, big1)} and 2 {@code (a2, big2)}, and {@code (x, y)} twice of {@code bag(a text, b text)}, which has no key.
 */
@Harness
class SavepointTest {
    private static final TableSchema SCHEMA = new TableSchema(
            "cdc.public.t",
            new TableName("public", "t"),
            List.of(
                    new Column("id", ColumnType.INT32),
                    new Column("v", ColumnType.TEXT),
                    new Column("big", ColumnType.TEXT)),
            List.of(0));

    @TempDir
    private Path folder;

    private static Event update(int id, String v, long commit, long event) {
        Event change = new Event();
        change.operation = Operation.UPDATE;
        change.schemaId = SCHEMA.id();
        change.sequenceCommit = commit;
        change.sequenceEvent = event;
        RowWriter key = new RowWriter();
        key.begin(1);
        key.writeLong(id);
        change.key.set(key.buffer(), 0, key.end());
        RowWriter row = new RowWriter();
        row.begin(3);
        row.writeInt(id);
        byte[] text = v.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(text, 0, text.length);
        row.writeUnsent(2);
        change.after.set(row.buffer(), 0, row.end());
        change.bucket = Buckets.of(SCHEMA.table(), 1)[0];
        return change;
    }

    private static String text(Slice row) {
        @Nullable Object[] values = RowReader.values(SCHEMA, row.bytes(), row.offset());
        return values[0] + " " + values[1] + " " + values[2];
    }

    @Test
    void rowsOfTheFirstVersionAreFoundAndFilledFrom() throws Exception {
        try (var harness = restored("changelog-1.gz")) {
            harness.processElement(new StreamRecord<>(update(1, "old", 10, 11)));
            harness.processElement(new StreamRecord<>(update(2, "new", 30, 31)));

            assertThat(harness.extractOutputValues())
                    .map(change -> text(change.before) + " -> " + text(change.after))
                    .as("the first is known, the second's big text is that of the savepoint")
                    .containsExactly("2 b longer -> 2 new longer");
        }
    }

    @Test
    void shadowsOfTheSecondVersionAreFilledFromAndHaveNoPlace() throws Exception {
        try (var harness = restored("changelog-2.gz")) {
            harness.processElement(new StreamRecord<>(again(update(2, "old", 20, 20))));
            harness.processElement(new StreamRecord<>(again(update(2, "mend", 20, 21))));
            harness.processElement(new StreamRecord<>(update(1, "b", 30, 31)));
            harness.processElement(new StreamRecord<>(update(2, "c", 30, 32)));

            assertThat(harness.extractOutputValues())
                    .map(change -> text(change.before) + " -> " + text(change.after))
                    .as(
                            "offered again at a place that was not kept, it has the row that it came upon; later ones the shadow's")
                    .containsExactly(
                            "2 a2 big2 -> 2 mend changed", "1 a1 big1 -> 1 b big1", "2 mend changed -> 2 c changed");
        }
    }

    /** Their schemas have other ids since: that makes no change. */
    @Test
    void rowsOfTheSixthVersionAreThoseOfSchemasThatTellMore() throws Exception {
        TableSchema bag =
                told("bag", List.of(new Column("a", ColumnType.TEXT), new Column("b", ColumnType.TEXT)), List.of());
        TableSchema keyed = told("t", SCHEMA.columns(), List.of(0));
        try (var harness = restored("changelog-6.gz")) {
            Event update = update(1, "new", 30, 31);
            update.schemaId = keyed.id();
            harness.processElement(new StreamRecord<>(definition(keyed, 31)));
            harness.processElement(new StreamRecord<>(update));
            Event old = update(2, "again", 10, 12);
            old.schemaId = keyed.id();
            harness.processElement(new StreamRecord<>(old));
            harness.processElement(new StreamRecord<>(definition(bag, 32)));
            Event delete = Story.change(bag, Operation.DELETE, 30, 32, "x", "y");
            delete.bucket = Buckets.of(bag.table(), 1)[0];
            harness.processElement(new StreamRecord<>(delete));

            assertThat(harness.extractOutputValues())
                    .map(change -> change.operation + (change.unseen ? " unseen" : "") + " of "
                            + change.schema.told().origin())
                    .containsExactly("UPDATE of postgresql/cdc/shop", "DELETE of postgresql/cdc/shop");
            assertThat(text(harness.extractOutputValues().get(0).after)).isEqualTo("1 new big1");
        }
    }

    /** Those that nothing comes for are counted, too, and once. */
    @ParameterizedTest
    @CsvSource({"changelog-1.gz, true, 2", "changelog-2.gz, true, 2", "changelog-6.gz, false, 4"})
    void rowsOfEarlierVersionsAreCounted(String savepoint, boolean changes, long rows) throws Exception {
        try (var harness = restored(savepoint)) {
            if (changes) {
                harness.processElement(new StreamRecord<>(update(1, "new", 30, 31)));
            }
            harness.prepareSnapshotPreBarrier(1);
            assertThat(Rowing.counted(harness)).isEqualTo(rows);

            var snapshot = harness.snapshot(1, 1);
            try (var later = opened(snapshot)) {
                if (changes) {
                    later.processElement(new StreamRecord<>(update(1, "newer", 40, 41)));
                }
                later.prepareSnapshotPreBarrier(2);
                assertThat(Rowing.counted(later)).isZero();
            }
        }
    }

    private static TableSchema told(String table, List<Column> columns, List<Integer> key) {
        TableName name = new TableName("public", table);
        return new TableSchema(
                "cdc.public." + table,
                name,
                new TableSchema.Told("postgresql/cdc/shop", true, false, ""),
                columns,
                key,
                Map.of());
    }

    private static Event definition(TableSchema schema, long event) {
        Event change = new Event();
        change.kind = Event.Kind.DEFINITION;
        change.schema = schema;
        change.schemaId = schema.id();
        change.sequenceCommit = event - 1;
        change.sequenceEvent = event;
        change.bucket = Buckets.of(schema.table(), 1)[0];
        return change;
    }

    private static Event again(Event change) {
        change.offset = change.sequenceEvent;
        change.replay = 0;
        return change;
    }

    private KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> restored(String name) throws Exception {
        Path file = folder.resolve(name);
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(Path.of("src/test/resources/savepoints", name)))) {
            Files.copy(in, file);
        }
        return opened(OperatorSnapshotUtil.readStateHandle(file.toString()));
    }

    private static KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> opened(OperatorSubtaskState state)
            throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<Long, Event, Change>(
                new ChangelogOperator(Map.of()), change -> change.bucket, Types.LONG, Buckets.MAX_PARALLELISM, 1, 0);
        harness.setup(
                StreamType.CHANGE.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        harness.initializeState(state);
        harness.open();
        return harness;
    }
}
