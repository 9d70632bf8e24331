package io.tributary.cli;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.Outcome;
import io.tributary.source.TopicReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Looks in the topics whether dead letters' keys have changed since: of letters whose key could not be read, so that the job could
 * not follow it. Each partition is read once, from the first such letter on.
 */
final class KeyScan {
    private final DecodeSettings settings;
    private final Event event = new Event();
    private final Map<String, Letter> letters = new HashMap<>();
    private final Map<TopicPartition, List<Letter>> unknown = new HashMap<>();

    KeyScan(DecodeSettings settings) {
        this.settings = settings;
    }

    /** A letter and what was found of it. */
    private static final class Letter {
        final RawRecord record;

        @Nullable
        TableName table;

        @Nullable
        ByteBuffer key;

        String changedAt = "";
        long unchangedTo = -1;
        /** Whether every later record's key could be read, and was another. */
        boolean isClear = true;

        Letter(RawRecord record) {
            this.record = record;
        }
    }

    /**
     * Takes a letter.
     *
     * @param isKnown whether its key was read when it was rejected
     * @param now as it is offered
     */
    void add(boolean isKnown, RawRecord now) {
        Letter letter = new Letter(now);
        letters.put(now.place(), letter);
        Decoder decoder = new Decoder(settings);
        if (decoder.decode(now, event) == Outcome.CHANGE) {
            letter.table = event.requireSchema().table();
            if (!isKnown && event.key.isPresent()) {
                letter.key = ByteBuffer.wrap(event.key.copy());
                unknown.computeIfAbsent(new TopicPartition(now.topic, now.partition), p -> new ArrayList<>())
                        .add(letter);
            }
        }
    }

    void read(TopicReader topics) throws IOException {
        for (Map.Entry<TopicPartition, List<Letter>> entry : unknown.entrySet()) {
            List<Letter> wanted = entry.getValue();
            long first = wanted.stream()
                    .mapToLong(letter -> letter.record.offset)
                    .min()
                    .orElseThrow();
            Decoder decoder = new Decoder(settings);
            // of these it learns what the topic's records are
            wanted.forEach(letter -> decoder.decode(letter.record, event));
            long end = topics.readFrom(
                    entry.getKey().topic(),
                    entry.getKey().partition(),
                    first + 1,
                    record -> look(record, decoder, wanted));
            wanted.forEach(letter -> letter.unchangedTo = letter.isClear ? end : -1);
        }
    }

    private void look(RawRecord record, Decoder decoder, List<Letter> wanted) {
        // of a record that is repaired too, its repaired form tells
        Letter repaired = letters.get(record.place());
        Outcome outcome = decoder.decode(repaired == null ? record : repaired.record, event);
        boolean read = outcome == Outcome.CHANGE || outcome == Outcome.REPEATED; // the scan begins anywhere
        if (outcome == Outcome.REJECTED && !event.key.isPresent()) {
            wanted.forEach(letter -> letter.isClear &= record.offset <= letter.record.offset);
        }
        if (event.schema == null) {
            return;
        }
        boolean isAll = read && (event.operation == Operation.TRUNCATE || event.snapshot && event.first);
        ByteBuffer key = event.key.isPresent() ? ByteBuffer.wrap(event.key.copy()) : null;
        for (Letter letter : wanted) {
            if (record.offset > letter.record.offset
                    && event.schema.table().equals(letter.table)
                    && (isAll || key != null && key.equals(letter.key))) {
                letter.changedAt = record.place();
                letter.isClear = false;
            }
        }
    }

    /** The place of a later change of the letter's key; empty where none was found. */
    String changedAt(String place) {
        Letter letter = letters.get(place);
        return letter == null ? "" : letter.changedAt;
    }

    /** The offset below which there is no later change of the letter's key; -1 if not looked for, or not known. */
    long unchangedTo(String place) {
        Letter letter = letters.get(place);
        return letter == null ? -1 : letter.unchangedTo;
    }

    /** The letter's table, as far as it can be read now. */
    @Nullable
    TableName table(String place) {
        Letter letter = letters.get(place);
        return letter == null ? null : letter.table;
    }
}
