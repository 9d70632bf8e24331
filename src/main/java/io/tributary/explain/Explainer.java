package io.tributary.explain;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.changelog.Broken;
import io.tributary.changelog.Bucket;
import io.tributary.changelog.Changelog;
import io.tributary.changelog.ChangelogSettings;
import io.tributary.changelog.MemoryRows;
import io.tributary.changelog.Rows;
import io.tributary.changelog.Verdict;
import io.tributary.console.TextLine;
import io.tributary.decode.Dealer;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.Outcome;
import io.tributary.flow.ConfigException;
import io.tributary.flow.EventSerializer;
import io.tributary.validate.Rule;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges again what came of one key. It keeps that key's changes only, and those of the keys its row had before: a change of
 * another key cannot alter what is decided, but for the fence, which this key's own changes move as well.
 */
public final class Explainer {
    private static final TextLine TEXT = new TextLine();

    private final DecodeSettings decode;
    private final Map<String, ChangelogSettings> settings;
    private final String table;
    private final WantedKey wanted;
    private final EventSerializer copies = new EventSerializer();
    /** Keys that the row had before it got the wanted one. */
    private final Set<ByteBuffer> former = new LinkedHashSet<>();

    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Long> partitions = new HashMap<>();
    private final Map<String, Long> firstOffsets = new HashMap<>();
    private Decoder decoder;
    private Dealer dealer;
    private final Event event = new Event();
    private String rejection = "";
    private boolean isRepeated;
    private long offeredMillis;
    private long unreadable;
    /** Whether the newest change of the key is applied in the lake, and could not be judged here. */
    private boolean fromLake;
    /** Whether there is something to be found by reading once more. */
    private boolean again = true;

    private @Nullable TableSchema schema;

    /**
     * A change of the key, or what concerns its table.
     *
     * @param time orders the partitions' changes among each other, in milliseconds
     */
    private record Step(Event event, long time, String rejection, boolean isRepeated) {}

    /** @param key as {@code 7}, {@code a=7,b=x} or a JSON object */
    public Explainer(DecodeSettings decode, Map<String, ChangelogSettings> settings, String table, String key) {
        this.decode = decode;
        this.settings = settings;
        this.table = table;
        this.wanted = new WantedKey(key);
        this.decoder = new Decoder(decode);
        this.dealer = new Dealer(decode, this::keep);
    }

    /**
     * Begins to read from the first record.
     *
     * @return whether that is needed: not after a reading that found no further key
     */
    public boolean begin() {
        if (!again) {
            return false;
        }
        again = false;
        steps.clear();
        partitions.clear();
        unreadable = 0;
        decoder = new Decoder(decode);
        dealer = new Dealer(decode, this::keep);
        return true;
    }

    /** Takes the next record of its partition. */
    public void read(RawRecord record) {
        firstOffsets.merge(record.topic + "-" + record.partition, record.offset, Math::min);
        Outcome outcome = decoder.decode(record, event);
        rejection = "";
        isRepeated = false;
        event.replay = record.replay;
        if (outcome == Outcome.CHANGE) {
            event.unchangedTo = record.unchangedTo;
            offeredMillis = record.offeredMillis;
            dealer.deal(event);
        } else if (outcome == Outcome.REPEATED) {
            isRepeated = true;
            keep(event);
        } else if (outcome == Outcome.REJECTED
                && record.replay < 0
                && decoder.label().equals(table)) {
            if (event.key.isPresent() && event.schema != null) {
                rejection = decoder.reason().label() + ": " + decoder.detail();
                event.operation = Operation.UPDATE;
                event.partition = record.partition;
                event.offset = record.offset;
                event.recordMillis = record.timestamp;
                dealer.lose(event);
            } else {
                unreadable++;
            }
        }
    }

    private void keep(Event dealt) {
        TableSchema its = dealt.requireSchema();
        if (!its.table().toString().equals(table)) {
            return;
        }
        schema = its;
        boolean ofKey =
                dealt.kind == Event.Kind.ROW && dealt.operation != Operation.TRUNCATE || dealt.kind == Event.Kind.LOST;
        if (ofKey) {
            if (!its.hasKey() || !dealt.key.isPresent()) {
                throw new ConfigException(
                        "TABLE must have a key: " + table + " has none, its rows cannot be told apart");
            }
            if (!isWanted(its, dealt.key)) {
                return;
            }
            if (dealt.oldKey.isPresent() && former.add(ByteBuffer.wrap(dealt.oldKey.copy()))) {
                again |= !wanted.matches(its, dealt.oldKey);
            }
        }
        // within a partition the order stays, whatever the clocks say
        long time = dealt.replay >= 0
                ? offeredMillis
                : partitions.merge(its.topic() + "-" + dealt.partition, dealt.recordMillis, Math::max);
        steps.add(new Step(copies.copy(dealt), time, rejection, isRepeated));
    }

    private boolean isWanted(TableSchema its, Slice key) {
        return wanted.matches(its, key) || !former.isEmpty() && former.contains(ByteBuffer.wrap(key.copy()));
    }

    /** The table by its name's parts, as far as it was seen. */
    public TableName table() {
        if (schema != null) {
            return schema.table();
        }
        int dot = table.indexOf('.');
        return dot < 0 ? new TableName("", table) : new TableName(table.substring(0, dot), table.substring(dot + 1));
    }

    /**
     * Tells of the key's events in order, a line each: time, place, what was decided, the change.
     *
     * @param history what the lake has of the key
     * @return how many events there were
     */
    public long tell(List<LakeHistory.Row> history, Consumer<String> out) {
        long told = 0;
        Set<String> inLake = new LinkedHashSet<>();
        for (LakeHistory.Row row : history) {
            inLake.add(row.place());
            if (row.offset() < firstOffsets.getOrDefault(row.topic() + "-" + row.partition(), Long.MAX_VALUE)) {
                out.accept(line(row.sourceMillis(), row.place(), "in the lake", row.text()));
                told++;
            }
        }
        Changelog changelog = new Changelog(settings);
        Map<Long, Bucket> buckets = new HashMap<>();
        Map<Long, MemoryRows> rows = new LinkedHashMap<>();
        steps.sort(Comparator.comparingLong(Step::time)); // stable
        Map<ByteBuffer, Long> keys = new LinkedHashMap<>();
        for (Step step : steps) {
            if (step.isRepeated) {
                out.accept(line(
                        step.event.recordMillis,
                        place(step.event),
                        "duplicate, its connector delivered it again",
                        text(step.event)));
                told++;
                continue;
            }
            Event now = copies.copy(step.event);
            Bucket bucket = buckets.computeIfAbsent(now.bucket, b -> new Bucket());
            MemoryRows its = rows.computeIfAbsent(now.bucket, b -> new MemoryRows());
            if (now.kind == Event.Kind.ROW && now.key.isPresent() && wanted.matches(now.requireSchema(), now.key)) {
                keys.put(ByteBuffer.wrap(now.key.copy()), now.bucket);
            }
            told += tell(step, now, changelog, bucket, its, inLake, out);
        }
        keys.forEach((key, bucket) -> now(key, buckets, rows, bucket, out));
        if (unreadable > 0) {
            out.accept("%,d rejected records of %s had a key that could not be read: see dead-letters list"
                    .formatted(unreadable, table));
        }
        return told;
    }

    private long tell(
            Step step,
            Event now,
            Changelog changelog,
            Bucket bucket,
            MemoryRows rows,
            Set<String> inLake,
            Consumer<String> out) {
        switch (now.kind) {
            case DEFINITION ->
                changelog.define(now, bucket, rows, made -> out.accept(line(made, "for a column's default")));
            case MARKER -> changelog.mark(now, bucket, rows, made -> out.accept(line(made, "not in the new snapshot")));
            case LOST -> {
                changelog.lose(now, bucket, rows);
                out.accept(line(
                        now.recordMillis,
                        place(now),
                        "rejected, " + step.rejection,
                        "the row stays as it was, and is stale"));
                return 1;
            }
            default -> {
                String unsent = unsent(now);
                List<String> made = new ArrayList<>();
                Verdict verdict = changelog.apply(now, bucket, rows, applied -> made.add(TEXT.of(applied)));
                boolean isInLake = inLake.contains(place(step.event));
                fromLake = verdict == Verdict.UNSENT && isInLake;
                String text = made.isEmpty() ? text(step.event) : String.join("; ", made);
                boolean again = step.event.replay >= 0;
                String decision = again && verdict == Verdict.SUPERSEDED
                        ? "superseded, " + changelog.superseded()
                        : decision(verdict, changelog, unsent, isInLake);
                out.accept(line(
                        again ? step.time : step.event.recordMillis,
                        place(step.event),
                        (again ? "offered again: " : "") + decision,
                        text));
                return 1;
            }
        }
        return 0;
    }

    private static String decision(Verdict verdict, Changelog changelog, String unsent, boolean isInLake) {
        return switch (verdict) {
            case APPLIED -> {
                StringBuilder text = new StringBuilder(
                        changelog.applied() == null ? "left out, the table's 'where' is not true" : "applied");
                if (changelog.nulled() > 0) {
                    text.append(", ").append(changelog.nulled()).append(" made null");
                } else if (!unsent.isEmpty()) {
                    text.append(", filled ").append(unsent);
                }
                for (Rule rule : changelog.warned()) {
                    text.append(", breaks ").append(rule.name());
                }
                yield text.toString();
            }
            case DUPLICATE -> "duplicate, an event of this place or a later one was there before";
            case SUPERSEDED ->
                "superseded, by a truncate, a row that took the key, or a later delete on another partition";
            case TOO_EARLY -> "too early";
            case LATE ->
                "rejected, late: a later change of the row came first, and what it leaves out is not known: " + unsent;
            case KEY_TYPE -> "rejected, key: its type is another since, and the rows' keys have no certain form in it";
            case OTHER_SOURCE -> "rejected, same-table: it is of another database or server than the table's rows";
            case NOTHING -> "nothing, a tombstone of no row";
            case UNSENT ->
                isInLake
                        ? "applied, filled " + unsent + " from what the topic no longer has"
                        : "rejected, unsent: the row before is not known, to fill " + unsent;
            case INVALID -> {
                Broken broken = changelog.broken();
                yield broken == null
                        ? "rejected"
                        : "rejected, " + broken.reason()
                                + (broken.rule().isEmpty() ? ": " + broken.detail() : " " + broken.rule());
            }
        };
    }

    /** The columns that the source left out. */
    private static String unsent(Event event) {
        if (!RowReader.hasUnsent(event.after)) {
            return "";
        }
        RowReader reader = new RowReader();
        List<String> names = new ArrayList<>();
        reader.open(event.requireSchema(), event.after.bytes(), event.after.offset());
        for (Column column : event.requireSchema().columns()) {
            if (!reader.next() && reader.isUnsent()) {
                names.add(column.name());
            }
        }
        return names.stream().collect(Collectors.joining(" "));
    }

    private void now(
            ByteBuffer key, Map<Long, Bucket> buckets, Map<Long, MemoryRows> rows, long number, Consumer<String> out) {
        Slice slice = new Slice();
        byte[] bytes = new byte[key.remaining()];
        key.duplicate().get(bytes);
        slice.set(bytes);
        Bucket bucket = buckets.get(number);
        MemoryRows its = rows.get(number);
        if (bucket == null || its == null) {
            return;
        }
        byte[] stored = its.get(Rows.Kind.ROW, slice);
        String row = "no row";
        if (stored != null) {
            TableSchema schema = bucket.schema(Bytes.getLong(stored, Rows.SCHEMA_ID));
            row = schema == null || stored.length == Rows.ROW
                    ? "a row, of which only the key is kept"
                    : TextLine.row(schema, stored, Rows.ROW);
        }
        boolean stale = its.get(Rows.Kind.SHADOW, slice) != null;
        if (stale && fromLake) {
            out.accept("now: not known: what the row was filled from is no longer in the topic");
            return;
        }
        out.accept("now: " + row + (stale ? " (stale: the source's newest change of it was rejected)" : ""));
    }

    private static String place(Event event) {
        return place(event.requireSchema(), event.partition, event.offset);
    }

    private static String place(TableSchema schema, int partition, long offset) {
        return "[" + schema.topic() + "-" + partition + "@" + offset + "]";
    }

    /** The change as the event has it. */
    private static String text(Event event) {
        Change change = new Change().of(event);
        change.beforeSchema = event.before.isPresent() ? change.schema : null;
        return TEXT.of(change);
    }

    private static String line(Change made, String decision) {
        return line(made.recordMillis, place(made.schema, made.partition, made.offset), decision, TEXT.of(made));
    }

    private static String line(long millis, String place, String decision, String text) {
        String time = millis == 0 ? "-" : Instant.ofEpochMilli(millis).toString();
        return String.join(" ", time, place, decision + ":", text);
    }

    /** The key that is looked for. */
    WantedKey wanted() {
        return wanted;
    }

    /** The names of the key's columns, as far as the table was seen. */
    @Nullable
    List<String> keyNames() {
        return schema == null ? null : schema.keyNames();
    }
}
