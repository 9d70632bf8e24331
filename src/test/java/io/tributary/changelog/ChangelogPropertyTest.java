package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * The changelog against an oracle that is a plain map: a random table history, of which a random suffix is delivered again at
 * random moments.
 */
@Pure
class ChangelogPropertyTest {
    private record Made(Operation operation, long id, String v, String big, long commit, long sequence) {
        Event change() {
            return Rowing.change(operation, id, v, big, commit, sequence);
        }
    }

    /** What a source does, and the rows it has after each event. */
    private static final class History {
        final List<Made> events = new ArrayList<>();
        final List<Map<Long, String>> rowsAfter = new ArrayList<>();
        final List<String> before = new ArrayList<>();

        History(Random random, int length) {
            Map<Long, String[]> rows = new HashMap<>();
            long lsn = 100;
            long commit = 50;
            for (int i = 0; i < length; i++) {
                lsn += 1 + random.nextInt(5);
                if (random.nextInt(3) == 0) {
                    commit = lsn++;
                }
                long id = random.nextInt(6);
                String[] row = rows.get(id);
                before.add(row == null ? "none" : id + " " + row[0] + " " + row[1]);
                String v = "v" + i;
                if (row == null) {
                    String big = "big" + i;
                    rows.put(id, new String[] {v, big});
                    events.add(new Made(Operation.CREATE, id, v, big, commit, lsn));
                } else if (random.nextInt(4) == 0) {
                    rows.remove(id);
                    events.add(new Made(Operation.DELETE, id, "made up", "made up", commit, lsn));
                } else {
                    boolean keeps = random.nextBoolean();
                    String big = keeps ? row[1] : "big" + i;
                    rows.put(id, new String[] {v, big});
                    events.add(new Made(Operation.UPDATE, id, v, keeps ? Rowing.UNSENT : big, commit, lsn));
                }
                Map<Long, String> now = new TreeMap<>();
                rows.forEach((key, values) -> now.put(key, key + " " + values[0] + " " + values[1]));
                rowsAfter.add(now);
            }
        }
    }

    @Property(tries = 400)
    void everyChangeIsAppliedOnceWhateverIsDeliveredAgain(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 120) int length) {
        Random random = new Random(seed);
        History history = new History(random, length);
        Changelog changelog = new Changelog(Map.of());
        Bucket bucket = new Bucket();
        bucket.define(Rowing.SCHEMA);
        MemoryRows rows = new MemoryRows();
        CountedRows countedRows = new CountedRows(rows);
        int done = 0;
        long counted = 0;
        for (int i = 0; i < length; ) {
            Event change = history.events.get(i).change();
            String[] before = new String[1];
            Verdict verdict =
                    changelog.apply(change, bucket, countedRows, emitted -> before[0] = Rowing.text(emitted.before));
            if (i < done) {
                assertThat(verdict).as("event %d again", i).isEqualTo(Verdict.DUPLICATE);
            } else {
                assertThat(verdict).as("event %d", i).isEqualTo(Verdict.APPLIED);
                assertThat(before[0]).isEqualTo(history.before.get(i));
                done = i + 1;
            }
            assertThat(contents(rows)).isEqualTo(history.rowsAfter.get(done - 1));
            counted += countedRows.takeAdded();
            assertThat(counted).isEqualTo(rows.size());
            // a connector's restart: from a transaction's start on
            i = random.nextInt(15) == 0 ? startOfTransaction(history, random.nextInt(i + 1)) : i + 1;
            if (random.nextInt(20) == 0) {
                bucket = Bucket.fromBytes(bucket.toBytes());
            }
        }
    }

    /** An event with the half of a changed key that it may be. */
    private record Move(Made event, boolean moved, long oldId, int transaction) {
        Event change() {
            Event change = event.change();
            change.moved = moved;
            change.transaction.set(Integer.toString(transaction).getBytes(StandardCharsets.UTF_8));
            if (oldId >= 0) {
                change.oldKey.set(Story.key(Rowing.SCHEMA, oldId, null, null));
            }
            return change;
        }
    }

    /** Transactions that insert, update, delete, move and swap rows. */
    private static final class Transactions {
        final List<Move> events = new ArrayList<>();
        final Map<Integer, Map<Long, String>> rowsAfter = new HashMap<>();
        private final Random random;
        private final TreeMap<Long, String[]> rows = new TreeMap<>();
        private long lsn = 100;
        private long commit = 50;
        private int transaction;

        Transactions(Random random, int length) {
            this.random = random;
            for (transaction = 0; transaction < length; transaction++) {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    statement();
                }
                commit = ++lsn;
                Map<Long, String> now = new TreeMap<>();
                rows.forEach((key, values) -> now.put(key, key + " " + values[0] + " " + values[1]));
                rowsAfter.put(events.size(), now);
            }
        }

        private void statement() {
            long id = random.nextInt(6);
            long other = random.nextInt(6);
            String[] row = rows.get(id);
            if (row == null) {
                rows.put(id, new String[] {"v" + lsn, random.nextInt(4) == 0 ? null : "big" + lsn});
                lsn++;
                add(Operation.CREATE, id, rows.get(id), false, -1);
            } else if (random.nextInt(5) == 0) {
                rows.remove(id);
                lsn++;
                add(Operation.DELETE, id, row, false, -1);
            } else if (other != id && random.nextBoolean()) {
                move(id, other);
            } else {
                lsn++;
                rows.put(id, changed(row));
                add(Operation.UPDATE, id, rows.get(id), false, -1);
            }
        }

        /** To a key that is free, or an exchange of two keys. */
        private void move(long id, long other) {
            String[] there = rows.get(other);
            lsn++;
            half(id, other);
            if (there != null) {
                lsn++;
                rows.put(id, changed(there));
                add(Operation.DELETE, other, there, true, -1);
                add(Operation.CREATE, id, rows.get(id), false, other);
            }
        }

        private void half(long id, long other) {
            String[] row = rows.remove(id);
            rows.put(other, changed(row));
            add(Operation.DELETE, id, row, true, -1);
            add(Operation.CREATE, other, rows.get(other), false, id);
        }

        /** The large value is the same, or another. */
        private String[] changed(String[] row) {
            return new String[] {"v" + lsn, random.nextBoolean() ? row[1] : "big" + lsn};
        }

        private void add(Operation operation, long id, String[] row, boolean moved, long oldId) {
            boolean sent = operation == Operation.DELETE
                    || operation == Operation.CREATE && oldId < 0
                    || ("big" + lsn).equals(row[1]);
            boolean delete = operation == Operation.DELETE;
            Made event = new Made(
                    operation, id, delete ? "0" : row[0], delete ? "0" : sent ? row[1] : Rowing.UNSENT, commit, lsn);
            events.add(new Move(event, moved, oldId, transaction));
        }
    }

    @Property(tries = 200)
    @Covers(row = "key change")
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void movedAndSwappedRowsAreTheSourcesWhateverIsDeliveredAgain(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 15) int length) {
        Random random = new Random(seed);
        Transactions history = new Transactions(random, length);
        Changelog changelog = new Changelog(Map.of());
        Bucket bucket = new Bucket();
        bucket.define(Rowing.SCHEMA);
        MemoryRows rows = new MemoryRows();
        Map<Long, String> told = new TreeMap<>();
        int done = 0;
        for (int i = 0; i < history.events.size(); ) {
            Verdict verdict = changelog.apply(history.events.get(i).change(), bucket, rows, change -> {
                assertThat(Rowing.text(change.before)).isEqualTo(told.getOrDefault(id(change), "none"));
                told.remove(id(change));
                if (change.after.isPresent()) {
                    told.put(id(change), Rowing.text(change.after));
                }
            });
            if (i < done) {
                assertThat(verdict).as("event %d again", i).isEqualTo(Verdict.DUPLICATE);
            } else {
                assertThat(verdict).as("event %d", i).isIn(Verdict.APPLIED, Verdict.SUPERSEDED);
                done = i + 1;
            }
            assertThat(contents(rows)).isEqualTo(told);
            if (history.rowsAfter.containsKey(done)) {
                assertThat(told).as("after event %d", i).isEqualTo(history.rowsAfter.get(done));
            }
            i = random.nextInt(15) == 0 ? startOf(history.events, random.nextInt(i + 1)) : i + 1;
            if (random.nextInt(10) == 0) {
                bucket = Bucket.fromBytes(bucket.toBytes());
            }
        }
    }

    private static long id(Change change) {
        RowReader key = new RowReader();
        key.open(Rowing.SCHEMA.keyTypes(), change.key.bytes(), change.key.offset());
        key.next();
        return key.longValue();
    }

    private static int startOf(List<Move> events, int index) {
        int start = index;
        while (start > 0 && events.get(start - 1).transaction == events.get(index).transaction) {
            start--;
        }
        return start;
    }

    private static int startOfTransaction(History history, int index) {
        int start = index;
        while (start > 0 && history.events.get(start - 1).commit == history.events.get(index).commit) {
            start--;
        }
        return start;
    }

    private static Map<Long, String> contents(MemoryRows rows) {
        Map<Long, String> contents = new TreeMap<>();
        rows.forEach(entry -> {
            @Nullable Object[] values = RowReader.values(Rowing.SCHEMA, entry.stored(), Rows.ROW);
            contents.put((Long) values[0], values[0] + " " + values[1] + " " + values[2]);
            return Rows.Visit.KEEP;
        });
        return contents;
    }
}
