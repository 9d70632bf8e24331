package io.tributary.lake;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the files of parts that were replaced, an hour later: a table that is replaced every minute would else take a day's room
 * more than a thousand times. Readers of a version have that long; what a job that was stopped has left, {@code compact} deletes.
 */
final class ReplacedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ReplacedFiles.class);
    private static final Duration KEPT = Duration.ofHours(1);

    private final String lake;
    private final FileIO files;
    private final Map<String, Deque<Gone>> byTable = new ConcurrentHashMap<>();

    private record Gone(String path, long since) {}

    ReplacedFiles(String lake) {
        this.lake = lake;
        this.files = LogFiles.of(lake);
    }

    /** Whether it knows what jobs before this one have replaced. */
    boolean knows(String table) {
        return byTable.containsKey(table);
    }

    /** @param givenUp when files were replaced before this job; those it deleted itself are long past */
    void add(String table, Map<String, Long> givenUp, long now) {
        Deque<Gone> gone = new ArrayDeque<>();
        givenUp.entrySet().stream()
                .filter(file -> file.getValue() > now - 2 * KEPT.toMillis())
                .sorted(Map.Entry.comparingByValue())
                .forEach(file -> gone.add(new Gone(file.getKey(), file.getValue())));
        byTable.put(table, gone);
    }

    void add(String table, Collection<String> replaced, long now) {
        Deque<Gone> gone = byTable.computeIfAbsent(table, t -> new ArrayDeque<>());
        replaced.forEach(path -> gone.add(new Gone(path, now)));
    }

    /** Deletes what is due; a failure is no failure of the commit. */
    void delete(String table, long now) {
        Deque<Gone> gone = byTable.getOrDefault(table, new ArrayDeque<>());
        for (Gone file = gone.peek(); file != null && file.since < now - KEPT.toMillis(); file = gone.peek()) {
            gone.remove();
            try {
                files.delete(lake + "/" + table + "/" + file.path);
            } catch (IOException | RuntimeException e) {
                LOG.warn("cannot delete {} of {}, which was replaced: compact will", file.path, table, e);
            }
        }
    }
}
