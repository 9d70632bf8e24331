package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
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
class ChangelogPropertyTest {
    private record Event(Operation operation, long id, String v, String big, long commit, long sequence) {
        Change change() {
            return Rowing.change(operation, id, v, big, commit, sequence);
        }
    }

    /** What a source does, and the rows it has after each event. */
    private static final class History {
        final List<Event> events = new ArrayList<>();
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
                    events.add(new Event(Operation.CREATE, id, v, big, commit, lsn));
                } else if (random.nextInt(4) == 0) {
                    rows.remove(id);
                    events.add(new Event(Operation.DELETE, id, "made up", "made up", commit, lsn));
                } else {
                    boolean keeps = random.nextBoolean();
                    String big = keeps ? row[1] : "big" + i;
                    rows.put(id, new String[] {v, big});
                    events.add(new Event(Operation.UPDATE, id, v, keeps ? Rowing.UNSENT : big, commit, lsn));
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
        int done = 0;
        for (int i = 0; i < length; ) {
            Change change = history.events.get(i).change();
            Verdict verdict = changelog.apply(change, bucket, rows, emitted -> {});
            if (i < done) {
                assertThat(verdict).as("event %d again", i).isEqualTo(Verdict.DUPLICATE);
            } else {
                assertThat(verdict).as("event %d", i).isEqualTo(Verdict.APPLIED);
                assertThat(Rowing.text(change.before)).isEqualTo(history.before.get(i));
                done = i + 1;
            }
            assertThat(contents(rows)).isEqualTo(history.rowsAfter.get(done - 1));
            // a connector's restart: from a transaction's start on
            i = random.nextInt(15) == 0 ? startOfTransaction(history, random.nextInt(i + 1)) : i + 1;
            if (random.nextInt(20) == 0) {
                bucket = Bucket.fromBytes(bucket.toBytes());
            }
        }
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
