package io.tributary.decode;

import java.util.ArrayList;
import java.util.List;

/** What decode has learned of one topic. Transient: learned again after a restart. */
final class Topic {
    /** Blocks kept per topic; a topic has one a table and version. */
    private static final int MAX_BLOCKS = 64;

    final String name;
    /** Newest use first. */
    private final List<SchemaBlock> blocks = new ArrayList<>();

    /** Stands for the block of events that have none. */
    final SchemaBlock plain = SchemaBlock.none();

    byte[] keyPrefix = {};
    /** What the account calls the records of this topic that name no table. */
    String label;

    Topic(String name) {
        this.name = name;
        this.label = labelOf(name);
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
