package io.tributary.audit;

import io.tributary.audit.Comparison.OfSink;
import io.tributary.audit.RowDigests.Digest;
import io.tributary.audit.SourceTable.SourceColumn;
import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.expression.Expression;
import io.tributary.expression.ExpressionException;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkView;
import io.tributary.source.KafkaProbe;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares a source that may be changing with its sinks. What differs at the first look is looked at again until it agrees, or
 * until all that the source had then has passed; what differs still, and did not change at the source meanwhile, is wrong.
 *
 * <p>Memory holds some hundred bytes for each row of the table and each of its sinks, however wide they are.
 */
public final class Audit implements AutoCloseable {
    private static final long PAUSE_MILLIS = 2000;
    /** Checkpoints take their time, and commits. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    private static final String ANOTHER = "is another row";
    /** Of so many rows of a table and sink the columns are named. */
    private static final int MOST_NAMED = 100;

    private static final int LONGEST_SHOWN = 60;
    private static final long LOOK_MILLIS = 1_000;
    /** How often rows that changed meanwhile get another chance. */
    private static final int ROUNDS = 3;

    private final Connection source;
    private final List<Side> sinks = new ArrayList<>();
    private final PipelineConfig config;
    private final Duration lag;
    private final Duration longest;
    private final Consumer<String> progress;

    /**
     * Made of the places.
     *
     * @param views of the sinks
     * @param longest how long to wait for changes to pass
     * @param progress takes lines that tell what it waits for
     */
    public Audit(
            Connection source,
            Collection<SinkView> views,
            PipelineConfig config,
            Duration longest,
            Consumer<String> progress) {
        this.source = source;
        this.config = config;
        this.longest = longest;
        this.progress = progress;
        Duration slowest = Duration.ZERO;
        try {
            for (SinkView view : views) {
                Side side = Side.of(view);
                if (side != null) {
                    sinks.add(side);
                    slowest = view.lag().compareTo(slowest) > 0 ? view.lag() : slowest;
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        this.lag = slowest.plus(SLACK);
    }

    /**
     * The tables of the source that any sink has, or a topic has something of: one of those that no sink has is missing there. As long as
     * there is none, it waits.
     */
    public List<TableName> tables() throws SQLException, IOException, InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        List<TableName> tables = tablesNow();
        if (tables.isEmpty()) {
            progress.accept("waiting: no sink and no topic has a table of the source yet");
        }
        while (tables.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(LOOK_MILLIS);
            tables = tablesNow();
        }
        return tables;
    }

    private List<TableName> tablesNow() throws SQLException, IOException {
        Set<String> topics = topics();
        List<TableName> tables = new ArrayList<>();
        for (TableName name : SourceTable.all(source)) {
            boolean isThere = topics.stream().anyMatch(topic -> topic.endsWith("." + name));
            if (!isThere) {
                SourceTable table = SourceTable.of(source, name);
                for (Side sink : sinks) {
                    isThere |= sink.has(table);
                }
            }
            if (isThere) {
                tables.add(name);
            }
        }
        return tables;
    }

    /** Those that the job reads and that had records. */
    private Set<String> topics() {
        try {
            return KafkaProbe.open(config.kafka()).ends().entrySet().stream()
                    .filter(end -> end.getValue() > 0)
                    .map(end -> end.getKey().topic())
                    .collect(Collectors.toSet());
        } catch (UnreachableException e) {
            progress.accept(e.getMessage() + ": a table that came to no sink is not looked for");
            return Set.of();
        }
    }

    /**
     * Compares one table.
     *
     * @param hidden columns that the pipeline does not hand on as they are
     * @param altered columns that it computes, which are compared no more than those
     * @param where true of the rows that sinks have; null if they have all
     * @return nothing if the source has no such table
     */
    public @Nullable Comparison of(TableName name, Set<String> hidden, Set<String> altered, @Nullable Expression where)
            throws SQLException, IOException, InterruptedException {
        SourceTable whole = SourceTable.of(source, name);
        if (whole.columns().isEmpty()) {
            return null;
        }
        Set<String> others = new HashSet<>(hidden);
        others.addAll(altered);
        SourceCondition condition = null;
        String exempt = "";
        try {
            condition = where == null ? null : SourceCondition.of(where, whole, types(whole, others), hidden);
        } catch (ExpressionException e) {
            exempt = "its 'where' cannot be asked of the source: " + e.getMessage();
        }
        Map<String, OfSink> found = new LinkedHashMap<>();
        List<Look> looks = new ArrayList<>();
        for (Side sink : sinks) {
            Look look = new Look(sink, whole, others, condition);
            String why = exempt.isEmpty() ? sink.exempt(look.table) : exempt;
            found.put(sink.name(), OfSink.exempt(why)); // in the order of the sinks
            if (why.isEmpty()) {
                looks.add(look);
            }
        }
        try {
            look(looks);
        } catch (SourceCondition.UnreadableException e) {
            looks.forEach(look -> found.put(
                    look.sink.name(), OfSink.exempt("its 'where' cannot be asked of the source: " + e.getMessage())));
            looks.clear();
        }
        for (Look look : looks) {
            look.suspects.addAll(look.there.differing(look.here));
            look.rows = look.here.size();
            look.checksum = look.here.checksum();
            look.sourceChecksum = look.there.checksum();
        }
        long rows = looks.isEmpty() ? 0 : looks.get(0).there.size();
        String missing = "";
        for (int round = 0; round < ROUNDS && suspects(looks) > 0; round++) {
            looks.forEach(look -> look.before = look.there);
            missing = untilPassed(looks);
            if (suspects(looks) > 0) {
                Map<List<SourceColumn>, RowDigests> after = source(looks);
                looks.forEach(look -> look.judge(Objects.requireNonNull(after.get(look.table.columns()))));
            }
        }
        for (Look look : looks) {
            SinkRows letters = look.wrong.isEmpty() ? null : letters();
            Map<String, String> stale =
                    new TreeMap<>(letters == null ? Map.of() : StaleKeys.of(letters, whole, look.wrong.keySet()));
            look.wrong.keySet().removeAll(stale.keySet());
            stale.putAll(look.there.undecided());
            look.name(source);
            found.put(look.sink.name(), look.outcome(stale));
        }
        return new Comparison(name, rows, found, missing);
    }

    /** The types in which sinks have the source's columns; the first counts. */
    private Map<String, ColumnType> types(SourceTable table, Set<String> without) throws IOException {
        Map<String, ColumnType> types = new HashMap<>();
        for (Side sink : sinks) {
            if (sink.has(table)) {
                sink.columns(table).forEach(types::putIfAbsent);
            }
        }
        types.keySet().removeAll(without);
        return types;
    }

    /** The histories that have dead letters beside them; null where no sink has. */
    private @Nullable SinkRows letters() throws IOException {
        for (Side sink : sinks) {
            SinkRows histories = sink.histories();
            if (histories != null && histories.has(DeadLetters.TABLE)) {
                return histories;
            }
        }
        return null;
    }

    /** What is known of the table in one sink. */
    private static final class Look {
        private final Side sink;
        private final boolean isThere;
        private final SourceTable table;
        private final @Nullable SourceCondition where;
        private final List<String> lacking = new ArrayList<>();
        private final Set<String> suspects = new TreeSet<>();
        private final Map<String, String> wrong = new TreeMap<>();
        private RowDigests there = new RowDigests();
        private RowDigests here = new RowDigests();
        /** The source when the last round began. */
        private RowDigests before = there;

        private long rows;
        private String checksum = "";
        private String sourceChecksum = "";

        Look(Side sink, SourceTable whole, Set<String> others, @Nullable SourceCondition where) throws IOException {
            this.where = where;
            boolean ignoring = sink.view().leavesOut(whole.name());
            this.sink = sink;
            this.isThere = sink.has(whole);
            List<String> names =
                    whole.columns().stream().map(SourceColumn::name).toList();
            Set<String> shared = new HashSet<>(isThere ? sink.columns(whole).keySet() : names);
            names.stream()
                    .filter(name -> !ignoring && !shared.contains(name) && !others.contains(name))
                    .forEach(lacking::add);
            shared.removeAll(others);
            this.table = whole.only(shared);
        }

        /**
         * A row that did not change while all that was before it passed, and the sink was read, is wrong; others get another round.
         *
         * @param after the source after the sink was read
         */
        void judge(RowDigests after) {
            for (String key : List.copyOf(suspects)) {
                Digest row = there.get(key);
                if (Objects.equals(before.get(key), row) && Objects.equals(row, after.get(key))) {
                    suspects.remove(key);
                    wrong.put(key, difference(row, here.get(key)));
                }
            }
        }

        /** Names the columns of the first rows that are others, and both values. */
        void name(Connection source) throws SQLException, IOException {
            Set<String> others = new TreeSet<>();
            wrong.forEach((key, what) -> {
                if (what.equals(ANOTHER) && others.size() < MOST_NAMED) {
                    others.add(key);
                }
            });
            if (others.isEmpty() || table.key().isEmpty()) {
                return;
            }
            Map<String, List<@Nullable String>> wanted = table.texts(source, others);
            sink.texts(table, others).forEach((key, values) -> {
                List<@Nullable String> right = wanted.get(key);
                List<String> named = new ArrayList<>();
                for (int i = 0; right != null && i < values.size(); i++) {
                    if (!Objects.equals(right.get(i), values.get(i))) {
                        named.add("%s is %s and not %s"
                                .formatted(table.columns().get(i).name(), shown(values.get(i)), shown(right.get(i))));
                    }
                }
                if (!named.isEmpty()) {
                    wrong.put(key, ANOTHER + ": " + String.join("; ", named));
                }
            });
        }

        private static String shown(@Nullable String value) {
            return value == null
                    ? "null"
                    : value.length() > LONGEST_SHOWN
                            ? "'" + value.substring(0, LONGEST_SHOWN) + "…'"
                            : "'" + value + "'";
        }

        private static String difference(@Nullable Digest there, @Nullable Digest here) {
            if (here == null) {
                return "is not there";
            }
            if (there == null) {
                return "is not of the source";
            }
            return there.rows() == here.rows()
                    ? ANOTHER
                    : "is there %d times, and %d in the source".formatted(here.rows(), there.rows());
        }

        OfSink outcome(Map<String, String> stale) {
            return new OfSink("", isThere, rows, checksum, sourceChecksum, lacking, wrong, stale, suspects.size());
        }
    }

    private static long suspects(List<Look> looks) {
        return looks.stream().mapToLong(look -> look.suspects.size()).sum();
    }

    /** The source's rows, by the columns that some sink has. */
    private Map<List<SourceColumn>, RowDigests> source(List<Look> looks) throws SQLException {
        Map<List<SourceColumn>, RowDigests> read = new HashMap<>();
        for (Look look : looks) {
            List<SourceColumn> columns = look.table.columns();
            if (!read.containsKey(columns)) {
                read.put(columns, look.table.read(source, look.where));
            }
        }
        return read;
    }

    /** Reads the source and the sinks, as close to each other as can be. */
    private void look(List<Look> looks) throws SQLException, IOException {
        Map<List<SourceColumn>, RowDigests> read = source(looks);
        for (Look look : looks) {
            look.there = Objects.requireNonNull(read.get(look.table.columns()));
            look.here = look.sink.has(look.table) ? look.sink.read(look.table) : new RowDigests();
        }
    }

    /** What has not happened in time, or an empty text. */
    private String untilPassed(List<Look> looks) throws SQLException, IOException, InterruptedException {
        Passage passage = new Passage(source, config, lag);
        long deadline = System.nanoTime() + longest.toNanos();
        String told = "";
        while (true) {
            String missing = passage.missing();
            boolean isLate = System.nanoTime() > deadline;
            look(looks);
            looks.forEach(look -> look.suspects.retainAll(look.there.differing(look.here)));
            long suspects = suspects(looks);
            if (missing.isEmpty() || isLate || suspects == 0) {
                return suspects == 0 ? "" : missing;
            }
            if (!missing.equals(told)) {
                progress.accept("%,d rows differ; %s".formatted(suspects, missing));
                told = missing;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    @Override
    public void close() {
        sinks.forEach(Side::close);
    }
}
