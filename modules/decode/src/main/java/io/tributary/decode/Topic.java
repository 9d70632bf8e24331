package io.tributary.decode;

import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What decode has learned of one topic: again after a restart, but for its {@link #memory}. */
final class Topic {
    /** Blocks kept per topic; a topic has one a table and version. */
    private static final int MAX_BLOCKS = 64;

    private static final String FLAT = "flat";
    private static final String ENVELOPE = "envelope";
    private static final String DECIMALS = "decimals:";
    private static final String HIDDEN = "hidden:";
    private static final String ROUTER = "router";

    final String name;
    /** What tells it from an earlier topic of its name; empty where that is not known. */
    final String id;

    final TopicId topicId;
    /** Newest use first. */
    private final List<SchemaBlock> blocks = new ArrayList<>();

    /** Stands for the block of events that have none. */
    final SchemaBlock plain = SchemaBlock.none();

    /** Of documents, whose layout is their own whatever else comes under a table's name. */
    final SchemaBlock documents = SchemaBlock.none();

    /** The table of rows that do not name theirs. */
    final TableName table;

    private final byte[] tableName;

    /** Columns that are held as text because a value came that their type cannot hold, by table. */
    private final Map<TableName, Set<String>> texts = new HashMap<>();

    /** How its decimals arrive where no type says. */
    final Decimals decimals = new Decimals();

    /** Whether its newest value was a row without an envelope; null until there was one. */
    @Nullable
    Boolean flat;
    /** Whether it ever had such rows. */
    boolean hasRows;

    /** The layout of the last row without an envelope. */
    @Nullable
    RowLayout lastFlat;

    /** The newest layout, if all its rows were of one table. */
    @Nullable
    RowLayout onlyLayout;

    /** The place of the newest event, if that was a delete; else -1. */
    long lastDelete = -1;

    private boolean hasTables;
    private boolean isRecalled;
    private boolean keepsRouter;

    /** Tables that have had all of their hidden columns, each with those columns, as a word. */
    private final Set<String> hidden = new HashSet<>();

    /** The last layout that had all of its hidden columns. */
    private @Nullable RowLayout lastHidden;

    /** The order of its partitions' events, where what came before tells it. */
    final PartitionOrders orders = new PartitionOrders();

    /** What its sources have in common. */
    final JsonSourceShape source = new JsonSourceShape();

    byte[] keyPrefix = {};
    /** What the account calls the records of this topic that name no table. */
    String label;

    Topic(String name) {
        this(name, "");
    }

    private Topic(String name, String id) {
        this.name = name;
        this.id = id;
        this.topicId = new TopicId(name, id);
        this.label = labelOf(name);
        int last = name.lastIndexOf('.');
        int before = name.lastIndexOf('.', last - 1);
        this.table = new TableName(last < 0 ? "kafka" : name.substring(before + 1, last), name.substring(last + 1));
        this.tableName = table.table().getBytes(StandardCharsets.UTF_8);
    }

    /** The topic once its id is known, or is another: with its memory, and no layout. */
    Topic identified(String newId) {
        Topic other = new Topic(name, newId);
        memory().forEach(other::recall);
        other.isRecalled = isRecalled;
        other.orders.take(orders, newId);
        return other;
    }

    /** What must be known again after a restart, a word each. */
    List<String> memory() {
        List<String> words = new ArrayList<>();
        if (flat != null) {
            words.add(flat ? FLAT : ENVELOPE);
        }
        if (keepsRouter() && !words.isEmpty()) {
            words.add(ROUTER);
        }
        if (decimals.votes != 0) {
            words.add(DECIMALS + decimals.votes);
        }
        hidden.forEach(word -> words.add(HIDDEN + word));
        return words;
    }

    /**
     * Whether a router's column is part of the rows' keys, as the shards may have rows of one key. Not for a topic whose rows have been keyed
     * without it by an earlier version.
     */
    boolean keepsRouter() {
        return keepsRouter || !isRecalled;
    }

    void recall(String word) {
        isRecalled = true;
        switch (word) {
            case ROUTER -> keepsRouter = true;
            case FLAT, ENVELOPE -> {
                flat = word.equals(FLAT);
                hasRows = flat;
            }
            default -> {
                if (word.startsWith(HIDDEN)) {
                    hidden.add(word.substring(HIDDEN.length()));
                } else {
                    decimals.votes = Integer.parseInt(word.substring(DECIMALS.length()));
                }
            }
        }
    }

    /** Whether a source that names no schema names the topic's table; the range is of the event's bytes. */
    boolean isTable(byte[] value, SourceBlock source) {
        return source.schemaLength == 0
                && Arrays.equals(
                        value,
                        source.tableStart,
                        source.tableStart + source.tableLength,
                        tableName,
                        0,
                        tableName.length);
    }

    /**
     * A table's first rows must have each column that is to be hidden: one that is misspelt would be stored as it is. Later the source may
     * drop it.
     *
     * @throws DecodeException if they have not
     */
    void requireHidden(RowLayout layout) {
        if (layout == lastHidden || layout.hiddenWord.isEmpty()) {
            return;
        }
        if (layout.missingHidden == null) {
            hidden.add(layout.hiddenWord);
        } else if (!hidden.contains(layout.hiddenWord)) {
            throw new DecodeException(
                    Reason.HIDDEN,
                    "cannot store a row of " + layout.label + ": 'columns' hides "
                            + DecodeException.shown(layout.missingHidden)
                            + ", which is none of its columns; mend its name, or take it out");
        }
        lastHidden = layout;
    }

    /** Takes note of a row's layout. */
    void has(RowLayout layout) {
        RowLayout before = onlyLayout;
        if (layout != before && !hasTables) {
            hasTables = before != null && !before.schema.table().equals(layout.schema.table());
            onlyLayout = hasTables ? null : layout;
        }
    }

    Set<String> textsOf(TableName of) {
        return texts.computeIfAbsent(of, t -> new HashSet<>());
    }

    /** {@code cdc.public.transactions} is public.transactions; what is not prefix.schema.table keeps its name. */
    private static String labelOf(String topic) {
        String[] parts = topic.split("\\.", -1);
        return parts.length == 3 && !topic.startsWith("__") ? parts[1] + "." + parts[2] : topic;
    }

    /** The block that stands in the value at this place, or {@link #plain}. */
    SchemaBlock knownBlock(byte[] value, int at) {
        for (int i = 0; i < blocks.size(); i++) {
            SchemaBlock block = blocks.get(i);
            if (block.isAt(value, at)) {
                if (i > 0) {
                    blocks.remove(i);
                    blocks.add(0, block);
                }
                return block;
            }
        }
        return plain;
    }

    void add(SchemaBlock block) {
        if (blocks.size() == MAX_BLOCKS) {
            blocks.remove(MAX_BLOCKS - 1);
        }
        blocks.add(0, block);
    }
}
