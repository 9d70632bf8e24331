package io.tributary.local;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the {@link DemoTables} at a steady rate from one daemon thread: one row per transaction at a low rate, several at a high one. It
 * waits for a database that is gone and goes on with the rows it finds there.
 */
public final class Generator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Generator.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);
    private static final int FROZEN_MILLIS = 20_000;

    /** Opens connections to the database of the demo tables. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    /**
     * What is to be done.
     *
     * @param rate changes a second; if the database cannot keep up, what is missed is not made up for; 0 for none at all
     * @param tables which of {@link DemoTables#NAMES}
     * @param most how many changes to make, before it stops by itself
     */
    public record Load(int rate, Mix mix, List<String> tables, long most) {
        public Load {
            tables = List.copyOf(tables);
        }
    }

    private final Connections connections;
    private final Pace pace;
    private final Load load;
    private final long seed;
    private final SplittableRandom random;
    private final AtomicLong changes = new AtomicLong();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "generator");

    private Generator(Connections connections, Load load, long seed) {
        this.connections = connections;
        this.pace = new Pace(Math.max(1, load.rate));
        this.load = load;
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /** Starts changing all tables, until it is stopped. */
    public static Generator start(Connections connections, int rate, Mix mix, long seed) {
        return start(connections, new Load(rate, mix, DemoTables.NAMES, Long.MAX_VALUE), seed);
    }

    /**
     * Starts changing rows.
     *
     * @param seed of all values; keys also depend on how many runs the database has seen, so that none repeats
     */
    public static Generator start(Connections connections, Load load, long seed) {
        Generator generator = new Generator(connections, load, seed);
        generator.thread.setDaemon(true);
        if (load.rate > 0) {
            generator.thread.start();
        }
        return generator;
    }

    /** Whether it still has something to do. */
    public boolean isRunning() {
        return thread.isAlive();
    }

    /** Rows changed and committed so far; too low by a transaction whose commit went unanswered. */
    public long changes() {
        return changes.get();
    }

    /** Finishes the transaction under way and stops; {@link #changes()} is final on return. */
    public void stop() {
        stop.countDown();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void run() {
        DemoValues values = new DemoValues(random);
        Duration backoff = FIRST_BACKOFF;
        boolean lost = false;
        while (!stopped(Duration.ZERO) && changes.get() < load.most) {
            long before = changes.get();
            try (Connection connection = connections.open()) {
                generate(connection, values);
            } catch (SQLException | AssertionError e) {
                // an error too: under -ea the driver asserts that no connection breaks during a batch
                boolean worked = changes.get() > before;
                if (worked || !lost) {
                    LOG.warn("the generator waits for its database: {}", e.getMessage());
                }
                lost = true;
                backoff = worked ? FIRST_BACKOFF : backoff;
                stopped(backoff);
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                        ? backoff.multipliedBy(2)
                        : LONGEST_BACKOFF;
            }
        }
    }

    private void generate(Connection connection, DemoValues values) throws SQLException {
        List<TableLoad<?>> writers = new ArrayList<>();
        DemoKeys keys = DemoKeys.ofNewRun(connection, seed);
        for (DemoTable<?> table : DemoTables.all(keys, values)) {
            if (load.tables.contains(table.name())) {
                writers.add(TableLoad.open(table, connection, random));
            }
        }
        connection.setAutoCommit(false);
        // a frozen database is a lost one, so that stop() ends too
        connection.setNetworkTimeout(Runnable::run, FROZEN_MILLIS);
        pace.restart();
        while (changes.get() < load.most && !stopped(pace.untilNext())) {
            int due = (int) Math.min(pace.due(), load.most - changes.get());
            for (int i = 0; i < due; i++) {
                change(pick(writers));
            }
            long changed = 0;
            for (TableLoad<?> writer : writers) {
                changed += writer.flush();
            }
            connection.commit();
            changes.addAndGet(changed);
            pace.done(due);
        }
    }

    private TableLoad<?> pick(List<TableLoad<?>> writers) {
        int draw = random.nextInt(writers.stream().mapToInt(TableLoad::share).sum());
        for (TableLoad<?> writer : writers) {
            draw -= writer.share();
            if (draw < 0) {
                return writer;
            }
        }
        return writers.get(0);
    }

    private void change(TableLoad<?> writer) throws SQLException {
        int draw = random.nextInt(100);
        if (draw < load.mix.insertPercent()) {
            writer.insert();
        } else if (draw < load.mix.insertPercent() + load.mix.updatePercent()) {
            writer.update();
        } else {
            writer.delete();
        }
    }

    private boolean stopped(Duration wait) {
        try {
            return stop.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // nobody else has this thread: an interrupt means stop
            stop.countDown();
            return true;
        }
    }
}
