package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import io.tributary.change.Secret;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says what each record is: a change of a row, nothing, or why it cannot be used. How records are written is the affair of
 * their {@link Encoding}.
 *
 * <p>Not thread-safe; the event it fills lives until the next call.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events">the
 *     envelope</a>
 */
public final class Decoder {
    private static final String TOMBSTONE = "tombstone";
    static final String HEARTBEAT = "heartbeat";
    private static final String TRANSACTION = "transaction";
    private static final String MESSAGE = "message";
    private static final String SCHEMA_CHANGE = "schema-change";

    private final DecodeSettings settings;
    private final Map<String, Topic> topics = new HashMap<>();
    private final Hidden hidden;
    private final Demand demand;
    private final Encodings encodings;
    private final LayoutChooser layouts;
    private final Images images;
    private final FlatRows flatRows;
    private final Documents documents;
    private final SourceDialects dialects = new SourceDialects();
    private final Envelope envelope = new Envelope(dialects);

    private Topic topic = new Topic("");
    private Reason reason = Reason.NOT_JSON;
    private String detail = "";
    private String ignored = "";
    private int nulled;

    public Decoder(DecodeSettings settings) {
        RowWriter rows = new RowWriter();
        Placeholders placeholders = new Placeholders(settings.unavailable());
        this.settings = settings;
        this.demand = new Demand(settings.limits());
        this.hidden = new Hidden(settings.secret());
        this.encodings = new Encodings(rows, settings, hidden, placeholders, dialects);
        this.layouts = new LayoutChooser(settings, demand, encodings, rows);
        this.images = new Images(rows, placeholders, encodings);
        this.flatRows = new FlatRows(encodings, layouts, images);
        this.documents = new Documents(rows, encodings, layouts);
    }

    /** Decodes one record; a {@link Outcome#CHANGE} is in {@code event}, without its bucket. */
    public Outcome decode(RawRecord record, Event event) {
        event.clear();
        event.partition = record.partition;
        event.offset = record.offset;
        event.recordMillis = record.timestamp;
        goTo(record);
        envelope.open(record, topic);
        encodings.closeKey();
        nulled = 0;
        try {
            if (record.replay == RawRecord.REFUSED) {
                throw new DecodeException(
                        Reason.FORGED, "cannot take a record that dead-letters replay of this pipeline did not offer");
            }
            if (record.lost > 0) {
                throw new DecodeException(
                        Reason.GAP,
                        "cannot read offsets %d to %d: Kafka had deleted them before the job came there"
                                .formatted(record.offset - record.lost + 1, record.offset));
            }
            demand.record(record.key == null ? 0 : record.key.length, record.value == null ? 0 : record.value.length);
            return record.value == null ? tombstone(event) : value(record, record.value, event);
        } catch (DecodeException e) {
            reason = e.reason();
            detail = e.getMessage() == null ? "" : e.getMessage();
        } finally {
            topic.decimals.count();
        }
        if (reason == Reason.HIDDEN
                || record.key != null && record.key.length > settings.limits().keyBytes()) {
            event.key.clear(); // it may be what was to be hidden, or is too long to keep
            event.schema = null;
        } else {
            keepKey(record, event);
        }
        return Outcome.REJECTED;
    }

    private void goTo(RawRecord record) {
        Topic before = topic;
        if (!record.topic.equals(topic.name)) {
            topic = topics.computeIfAbsent(record.topic, Topic::new);
        }
        if (!record.topicId.equals(topic.id) && !record.topicId.isEmpty()) {
            topic = topic.identified(record.topicId);
            topics.put(topic.name, topic);
        }
        if (topic != before) {
            encodings.topic(topic);
        }
    }

    /** A rejected change has its key and schema, if those at least could be read: its row is not what the source has any more. */
    private void keepKey(RawRecord record, Event event) {
        RowLayout layout = envelope.layout;
        event.key.clear();
        event.schema = null;
        try {
            KeyReader key = envelope.hasKey ? encodings.key() : null;
            if (layout == null) {
                // not even its table could be read: it is the topic's, where that has no other
                key = encodings.openKey(record, topic);
                layout = key == null ? null : topic.onlyLayout;
                key = layout != null && key != null && key.matches(layout) ? key : null;
                envelope.source.clear();
            }
            if (layout == null || key == null || layout.key.length == 0) {
                return;
            }
            describe(images.keyAlone(layout, key, event), event);
            event.appends = dialect().appendsColumns();
            SourcePlace place = envelope.source.place;
            event.sequenceCommit = place.snapshot ? -1 : place.sequenceCommit;
            event.sequenceEvent = place.snapshot ? -1 : place.sequenceEvent;
        } catch (DecodeException e) {
            event.key.clear(); // nor that
        }
    }

    /** Why the last record was {@link Outcome#REJECTED}. */
    public Reason reason() {
        return reason;
    }

    public String detail() {
        return detail;
    }

    /** What the last record was, when it was {@link Outcome#IGNORED}: tombstone, heartbeat, transaction, message or schema-change. */
    public String ignored() {
        return ignored;
    }

    /** How many values of the last record are null because their columns cannot hold them and the table's policy says so. */
    public int nulled() {
        return nulled;
    }

    /** Whether the last record may hold what must not be stored; one whose table is not known may, if any table has such columns. */
    public boolean isPrivate() {
        return envelope.layout == null
                ? settings.isPrivate()
                : !envelope.layout.settings.privacy().isEmpty();
    }

    /** Whether rules may reject the last record. */
    boolean isRuled() {
        return envelope.layout != null && envelope.layout.settings.ruled();
    }

    /** A keyed hash of bytes that must not be stored; null where there is no secret. */
    public @Nullable String hmac(byte[] bytes) {
        return Secret.isThere(settings.secret()) ? hidden.hash(bytes) : null;
    }

    /** What the account calls the table of the last record, also when that could not be read. */
    public String label() {
        return topic.label;
    }

    /** A checkpoint begins. */
    public void checkpoint() {
        demand.checkpoint();
    }

    /** What must be known of topics after a restart, for {@link #recall}: a word and a topic's name each. */
    public List<String> memory() {
        return topics.values().stream()
                .flatMap(t -> t.memory().stream().map(word -> word + " " + t.name))
                .toList();
    }

    /** Takes over what {@link #memory} gave before a restart. */
    public void recall(String memory) {
        int space = memory.indexOf(' ');
        topics.computeIfAbsent(memory.substring(space + 1), Topic::new).recall(memory.substring(0, space));
    }

    /**
     * How far the order of each partition is known, for {@link #recallOrder}.
     *
     * @param task of these tasks, whose records are of different partitions
     */
    List<byte[]> orders(int task, int tasks) throws IOException {
        List<byte[]> orders = new ArrayList<>();
        for (Topic each : topics.values()) {
            each.orders.write(each.name, task, tasks, orders);
        }
        return orders;
    }

    /** Takes over what {@link #orders} of any task gave before a restart. */
    void recallOrder(byte[] order) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(order))) {
            topics.computeIfAbsent(in.readUTF(), Topic::new).orders.read(in, dialects);
        }
    }

    private Outcome ignore(String what) {
        ignored = what;
        return Outcome.IGNORED;
    }

    private Outcome tombstone(Event event) {
        RowLayout layout = flatRows.tombstone(envelope, event);
        if (layout == RowLayout.NONE) {
            return ignore(TOMBSTONE);
        }
        describe(layout, event);
        return Outcome.CHANGE;
    }

    private Outcome value(RawRecord record, byte[] value, Event event) {
        EnvelopeReader reader = encodings.of(record);
        reader.rows().nulled = 0;
        envelope.clear(value);
        if (!reader.read(envelope)) {
            return tombstone(event);
        }
        if (!envelope.isEnvelope()) {
            return envelope.isHeartbeat()
                    ? ignore(HEARTBEAT)
                    : envelope.isTransaction()
                            ? ignore(TRANSACTION)
                            : isSchemaChange(reader) ? ignore(SCHEMA_CHANGE) : row(reader, event);
        }
        if (!Boolean.FALSE.equals(topic.flat)) {
            topic.flat = false;
        }
        return envelope.operation == 'm' ? ignore(MESSAGE) : event(reader, event);
    }

    /** Of MySQL and others: what became of a table's columns, beside the events that have them. */
    private boolean isSchemaChange(EnvelopeReader reader) {
        return envelope.source.present
                && envelope.operation == 0
                && Foreign.SCHEMA_CHANGE.isOf(reader.rows().names(envelope.payloadAt));
    }

    private Outcome event(EnvelopeReader reader, Event event) {
        SourceBlock source = envelope.source;
        if (source.cells) {
            throw new DecodeException(
                    Reason.FOREIGN,
                    "cannot use an event of Debezium's connector for Cassandra: its rows are of cells, and null says that one did not change");
        }
        event.operation = operationOf(envelope.operation);
        if (source.present && source.tableLength == 0) {
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot tell the table: no 'source.table'");
        }
        if (source.documents) {
            return document(reader, event);
        }
        if (event.operation != Operation.DELETE && event.operation != Operation.TRUNCATE && !envelope.hasRow) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE,
                    "cannot use an event of operation '" + (char) envelope.operation + "' without 'after'");
        }
        return rows(reader, event);
    }

    private Outcome document(EnvelopeReader reader, Event event) {
        RowLayout layout = documents.choose(envelope, reader);
        envelope.layout = layout;
        topic.requireHidden(layout);
        documents.read(envelope, reader, layout, event);
        demand.row(layout);
        return place(layout, event);
    }

    private Outcome row(EnvelopeReader reader, Event event) {
        FlatRows.wrap(envelope, reader);
        event.operation = operationOf(envelope.operation);
        Outcome outcome = rows(reader, event);
        topic.flat = true;
        topic.hasRows = true;
        return outcome;
    }

    private static Operation operationOf(int letter) {
        return switch (letter) {
            case 'r' -> Operation.READ;
            case 'c' -> Operation.CREATE;
            case 'u' -> Operation.UPDATE;
            case 'd' -> Operation.DELETE;
            case 't' -> Operation.TRUNCATE;
            default ->
                throw new DecodeException(
                        Reason.OPERATION,
                        "cannot use the operation '" + (char) letter + "': it is none of c r u d t m");
        };
    }

    /** Reads the rows by the layout of their table, or by one that holds as text what that cannot. */
    private Outcome rows(EnvelopeReader reader, Event event) {
        dialect().locate(envelope.source.place);
        RowLayout usual = layouts.choose(envelope, reader);
        RowLayout layout = usual;
        envelope.layout = layout;
        topic.requireHidden(layout);
        while (true) {
            try {
                images.read(envelope, reader, layout, event);
                break;
            } catch (OutOfRangeException e) {
                layout = layouts.asText(layout, e.column(), envelope);
                reader.rows().nulled = 0;
            }
        }
        nulled = reader.rows().nulled;
        demand.row(layout);
        topic.has(layout);
        if (envelope.flat) {
            // a key that only text holds is one of its own
            topic.lastFlat = Arrays.equals(layout.schema.keyTypes(), usual.schema.keyTypes()) ? layout : usual;
        }
        return place(layout, event);
    }

    private SourceDialect dialect() {
        if (envelope.source.dialect == null) {
            dialects.choose("", envelope.source);
        }
        return Objects.requireNonNull(envelope.source.dialect);
    }

    /** What the source says of the change beside its row. */
    private Outcome place(RowLayout layout, Event event) {
        SourceBlock source = envelope.source;
        describe(layout, event);
        event.sourceMillis = source.millis;
        event.snapshot = source.place.snapshot
                && !source.incremental
                && (event.operation == Operation.READ || event.operation == Operation.CREATE);
        event.first = event.snapshot && source.first;
        event.last = event.snapshot && source.last;
        if (!source.place.snapshot && event.operation != Operation.READ) {
            event.sequenceCommit = source.place.sequenceCommit;
            event.sequenceEvent = source.place.sequenceEvent;
        }
        if (source.transactionLength >= 0) {
            event.transaction.set(envelope.value, source.transactionStart, source.transactionLength);
        }
        event.appends = dialect().appendsColumns();
        boolean isNew = envelope.record.replay >= 0
                || envelope.flat // a delete may be a null, which has no place
                || topic.orders.isNew(topic.id, source, envelope.record.headers, event);
        return isNew ? Outcome.CHANGE : Outcome.REPEATED;
    }

    private static void describe(RowLayout layout, Event event) {
        event.schema = layout.schema;
        event.schemaId = layout.schema.id();
    }
}
