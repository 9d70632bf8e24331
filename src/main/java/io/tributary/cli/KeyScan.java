package io.tributary.cli;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.Outcome;
import io.tributary.source.TopicReader;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Looks in the topic whether a dead letter's key has changed since: for letters whose key could not be read, so that the job
 * could not follow it.
 */
final class KeyScan {
    private final DecodeSettings settings;
    private final TopicReader topics;

    KeyScan(DecodeSettings settings, TopicReader topics) {
        this.settings = settings;
        this.topics = topics;
    }

    /**
     * What is known of a record that is offered again.
     *
     * @param its table, as far as it can be read
     * @param changedAt the place of a later change of its key; empty where none was found
     * @param unchangedTo the offset below which there is none; -1 if not looked for, or not known
     */
    record Found(@Nullable TableName its, String changedAt, long unchangedTo) {
        /** @param label the account's name of the letter's table */
        TableName table(String label) {
            if (its != null) {
                return its;
            }
            int dot = label.indexOf('.');
            return new TableName(dot < 0 ? "" : label.substring(0, dot), label.substring(dot + 1));
        }
    }

    /**
     * Looks.
     *
     * @param rejected the record as it was rejected
     * @param now as it is offered
     */
    Found look(RawRecord rejected, RawRecord now) throws IOException {
        Decoder decoder = new Decoder(settings);
        Change change = new Change();
        boolean known = decoder.decode(rejected, change) == Outcome.CHANGE || change.key.isPresent();
        if (decoder.decode(now, change) != Outcome.CHANGE) {
            return new Found(null, "", -1);
        }
        TableName table = change.requireSchema().table();
        if (known || !change.key.isPresent()) {
            return new Found(table, "", -1);
        }
        byte[] key = change.key.copy();
        String[] changedAt = {""};
        long end = topics.readFrom(now.topic, now.partition, now.offset + 1, record -> {
            boolean read = decoder.decode(record, change) == Outcome.CHANGE;
            boolean isKeys = change.key.isPresent() && Arrays.equals(change.key.copy(), key);
            boolean isAll = read && (change.operation == Operation.TRUNCATE || change.snapshot && change.first);
            if (change.schema != null && change.schema.table().equals(table) && (isKeys || isAll)) {
                changedAt[0] = record.place();
            }
        });
        return new Found(table, changedAt[0], end);
    }
}
