package io.tributary.warehouse;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.OffsetRange;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import io.tributary.flow.FencedOffsets;
import io.tributary.flow.Outage;
import io.tributary.warehouse.StagedRows.Truncate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one table in one writer, on their way to its staging table: one chunk at a time, of one schema. Between two
 * checkpoints they are one part, and more where the table's key becomes another.
 *
 * <p>One class, since each row moves most of its fields.
 */
final class StagingTable {
    private final Mirror mirror;
    private final Outage.Waiting waiting;
    private final FencedOffsets places;
    private final RowText text;
    private final RowReader reader = new RowReader();
    private final Set<String> columns = new LinkedHashSet<>();
    private final List<Truncate> truncates = new ArrayList<>();
    private final List<StagedRows> parts = new ArrayList<>();
    private @Nullable Shape shape;
    private @Nullable Shape newest;
    /** The shape of the last row, whose columns are among those that are used. */
    private @Nullable Shape used;

    /** The newest schema for which the mirror could not be made or altered. */
    private @Nullable TableSchema unmade;

    /** Why no more rows are taken. */
    private @Nullable String closed;
    /** Where the rows were that have been given up since the last checkpoint, but for those of the present part. */
    private final List<StagedRows.Place> givenUp = new ArrayList<>();

    /** Of the present part, where it is of all rows of buckets. */
    private StagedRows.@Nullable Whole whole;

    private long begins = Long.MAX_VALUE;
    private long ends = -1;
    private long firstSeq = -1;
    private long chunkSeq;
    private long lastSeq;
    private long rows;

    /** How rows of one schema lie in the tables. */
    static final class Shape {
        private final TableSchema schema;
        private final List<@Nullable String> names;
        private final List<String> key;
        private final byte[] topic;
        private final BitSet isKey = new BitSet();

        /**
         * Made of a schema.
         *
         * @param names of the columns in the tables, null for those left out
         * @param key the names of the key's columns there
         */
        Shape(TableSchema schema, List<@Nullable String> names, List<String> key) {
            this.schema = schema;
            this.names = names;
            this.key = key;
            this.topic = schema.topic().getBytes(StandardCharsets.UTF_8);
            schema.key().forEach(isKey::set);
        }

        private List<String> present() {
            List<String> present = new ArrayList<>();
            for (String name : names) {
                if (name != null) {
                    present.add(name);
                }
            }
            return present;
        }
    }

    StagingTable(Mirror mirror, FencedOffsets places, RowText text) {
        this.mirror = mirror;
        this.waiting = new Outage.Waiting(mirror.source().toString());
        this.places = places;
        this.text = text;
    }

    Mirror mirror() {
        return mirror;
    }

    Outage.Waiting waiting() {
        return waiting;
    }

    /** The mirror could not be made to take rows of this schema: they are staged all the same. Null that it can be. */
    void unmade(@Nullable TableSchema schema) {
        unmade = schema;
    }

    @Nullable
    TableSchema unmade() {
        return unmade;
    }

    /** Takes no more rows, and gives up those since the last checkpoint: they are nowhere but in the topic. */
    void close(String reason) {
        closed = reason;
        parts.forEach(part -> givenUp.addAll(part.places()));
        parts.clear();
        rows = 0;
        whole = null;
        text.clear();
    }

    boolean isClosed() {
        return closed != null;
    }

    /** Lets a change pass. */
    void pass(Change change, TableSchema schema) {
        places.add(change, schema);
    }

    /** Lets a change go that the mirror has. */
    void skip(Change change, TableSchema schema) {
        places.skip(change, schema);
    }

    /** How far what was skipped since the last call comes. */
    List<StagedRows.Place> skipped() {
        return StagedRows.places(places.skipped());
    }

    /** What has passed since the last call; null where nothing has. */
    WarehouseCommittable.@Nullable Passed passed() {
        givenUp.addAll(StagedRows.places(places.take()));
        if (givenUp.isEmpty()) {
            return null;
        }
        var passed = new WarehouseCommittable.Passed(mirror.source(), List.copyOf(givenUp), closed);
        givenUp.clear();
        return passed;
    }

    /** Whether the change is still lacking. */
    boolean isLacking(Change change, TableSchema schema) {
        return places.isLacking(change, schema);
    }

    /** Whether the next row is of another schema than those of the chunk. */
    boolean isOther(TableSchema schema) {
        return shape == null || shape.schema.id() != schema.id();
    }

    /** Goes on with rows of another schema; the chunk is empty. */
    void begin(Shape next) {
        if (shape != null && !shape.key.equals(next.key) && whole == null) {
            endPart();
        }
        shape = next;
    }

    /**
     * Adds a change of the chunk's schema.
     *
     * @throws WarehouseConflictException if its key would be another's in the warehouse
     */
    void add(Change change, long seq) throws WarehouseConflictException {
        Shape shape = this.shape;
        if (shape == null) {
            throw new IllegalStateException("no chunk has begun");
        }
        TableSchema schema = shape.schema;
        places.add(change, schema);
        count(seq, shape);
        long order = change.sequence < 0 ? change.offset : change.sequence;
        begins = Math.min(begins, order);
        if (order >= ends || newest == null) {
            ends = order;
            newest = shape;
        }
        if (change.operation == Operation.TRUNCATE) {
            truncates.add(new Truncate(change.partition, change.offset, change.sequence));
        }
        text.beginRow();
        text.number(seq);
        if (change.replay < 0) {
            text.text(shape.topic, 0, shape.topic.length);
            text.number(change.partition);
            text.number(change.offset);
        } else {
            SourcePartition replays = places.fencedBy(change, schema);
            byte[] topic = replays.topic().getBytes(StandardCharsets.UTF_8);
            text.text(topic, 0, topic.length);
            text.number(replays.partition());
            text.number(change.replay);
        }
        text.number(effect(change));
        text.word(String.valueOf(change.operation.code()));
        text.moment(1000 * millis(change));
        if (change.late) {
            text.word(change.partition + ":" + change.offset + ":" + change.sequence + StagedRows.LATE);
        } else {
            text.position(change.partition, change.offset, change.sequence);
        }
        row(change.image(), shape);
        text.endRow();
    }

    private void count(long seq, Shape shape) {
        if (firstSeq < 0) {
            firstSeq = seq;
        }
        chunkSeq = text.rows() == 0 ? seq : chunkSeq;
        lastSeq = seq;
        rows++;
        if (used != shape) {
            used = shape;
            columns.addAll(shape.present());
        }
    }

    private static long millis(Change change) {
        return change.sourceMillis > 0 ? change.sourceMillis : change.recordMillis;
    }

    /** 1 where the row is there after the change, -1 where it is not, 0 where the mirror stays as it is. */
    private static int effect(Change change) {
        if (change.late) {
            return 0;
        }
        return switch (change.operation) {
            case TRUNCATE -> 0;
            // without a key, it would take another row that is equal
            case DELETE -> change.unseen && !change.key.isPresent() ? 0 : -1;
            default -> 1;
        };
    }

    private void row(Slice row, Shape shape) throws WarehouseConflictException {
        List<@Nullable String> names = shape.names;
        if (!row.isPresent()) {
            for (String name : names) {
                if (name != null) {
                    text.nothing();
                }
            }
            return;
        }
        TableSchema schema = shape.schema;
        reader.open(schema, row.bytes(), row.offset());
        for (int i = 0; i < names.size(); i++) {
            boolean isThere = reader.next();
            if (names.get(i) != null) {
                if (isThere && shape.isKey.get(i)) {
                    key(schema.columns().get(i));
                } else if (isThere) {
                    text.value(reader, schema.columns().get(i).type());
                } else {
                    text.nothing();
                }
            }
        }
    }

    private void key(Column column) throws WarehouseConflictException {
        if (!text.keyValue(reader, column.type())) {
            throw WarehouseConflictException.ofOneMirror(
                    "the warehouse cannot hold %s of '%s', a column of the key of %s: two rows would become one; 'tables.%s.mirror: false' leaves it out"
                            .formatted(
                                    ValueText.of(column.type(), reader.value()),
                                    column.name(),
                                    mirror.source(),
                                    mirror.source()));
        }
    }

    /** The schema of the chunk. */
    TableSchema schema() {
        return Objects.requireNonNull(shape).schema;
    }

    /** The least {@code cdc_seq} of the chunk. */
    long chunkSeq() {
        return chunkSeq;
    }

    /** The rows of the chunk. */
    RowText chunk() {
        return text;
    }

    /** The columns that the chunk's rows have values for, ours included. */
    Map<String, String> chunkColumns() {
        return mirror.staged(Objects.requireNonNull(shape).present());
    }

    /**
     * All rows of one of the table's buckets come: of the last one after all changes of the checkpoint. What was given up is among
     * them.
     *
     * @param head of the table's present rows; null where nothing is known of them
     * @param of how many buckets there are
     * @param ends how far the rows come: the next offset of each partition
     */
    void beginWhole(@Nullable Shape head, int of, Map<SourcePartition, Long> ends) {
        if (whole == null) {
            endPart();
        }
        closed = null;
        Map<SourcePartition, OffsetRange> reached = new TreeMap<>();
        ends.forEach((partition, next) -> reached.put(partition, OffsetRange.empty(next)));
        List<StagedRows.Place> all = new ArrayList<>(StagedRows.places(reached));
        if (whole != null) {
            all.addAll(whole.ends());
        }
        whole = new StagedRows.Whole(whole == null ? 1 : whole.buckets() + 1, of, List.copyOf(all), null);
        if (head != null) {
            shape = head;
            newest = head;
        }
    }

    /**
     * Adds one of those rows, of the chunk's schema.
     *
     * @param millis when it was given
     * @throws WarehouseConflictException if its key would be another's in the warehouse
     */
    void addWhole(PartRow part, long seq, long millis) throws WarehouseConflictException {
        Shape shape = this.shape;
        if (shape == null) {
            throw new IllegalStateException("no chunk has begun");
        }
        count(seq, shape);
        text.beginRow();
        text.number(seq);
        text.text(shape.topic, 0, shape.topic.length);
        text.number(0);
        text.number(StagedRows.WHOLE_OFFSET);
        text.number(1);
        text.word(String.valueOf(Operation.READ.code()));
        text.moment(1000 * millis);
        text.position(part.partition, 0, part.sequence);
        row(part.row, shape);
        text.endRow();
    }

    /** What was added since the last call, all of it loaded. */
    List<StagedRows> take() {
        endPart();
        List<StagedRows> taken = List.copyOf(parts);
        parts.clear();
        return taken;
    }

    private void endPart() {
        if (whole == null && (rows == 0 || newest == null)) {
            return;
        }
        List<String> key = newest == null ? List.of() : newest.key;
        List<String> present = newest == null ? List.of() : newest.present();
        columns.addAll(present);
        List<StagedRows.Place> at = new ArrayList<>(StagedRows.places(places.take()));
        if (whole != null) {
            at.addAll(givenUp);
            givenUp.clear();
            whole = whole.without(List.copyOf(at));
        }
        parts.add(new StagedRows(
                mirror.source(),
                mirror.name(),
                key,
                present,
                List.copyOf(columns),
                firstSeq,
                lastSeq,
                rows,
                begins,
                ends,
                at,
                List.copyOf(truncates),
                mirror.deletes(),
                mirror.hasHistory(),
                whole));
        whole = null;
        firstSeq = -1;
        rows = 0;
        newest = null;
        used = null;
        begins = Long.MAX_VALUE;
        ends = -1;
        columns.clear();
        truncates.clear();
    }
}
