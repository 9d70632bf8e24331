package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Event;
import io.tributary.change.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * Whether a change that was rejected and is offered again is still the newest of its key. A shadow tells by the offset of its
 * rejected change, a row by the source's sequence, and where neither is there, what the topic was found to have since.
 */
final class ReplayOrder {
    private String why = "";

    /** Why the last change was {@link Verdict#SUPERSEDED}. */
    String why() {
        return why;
    }

    /** {@link Verdict#APPLIED} where it may be applied. */
    Verdict judge(Event event, Bucket bucket, Rows rows) {
        TableSchema schema = event.requireSchema();
        if (!event.key.isPresent()) {
            return superseded("it has no key, which would tell what came after it");
        }
        boolean isFirst = !bucket.knows(schema.topic(), event.partition);
        Fence fence = bucket.fence(schema.topic(), event.partition);
        if (bucket.isAheadOf(fence, event.offset)) {
            return Verdict.TOO_EARLY;
        }
        if (bucket.isDeleted(event) || bucket.isTruncated(event)) {
            return superseded("its row was deleted since, by a change that came by another partition");
        }
        byte[] prior = rows.get(Rows.Kind.ROW, event.key);
        byte[] shadow = bucket.hasShadows() ? rows.get(Rows.Kind.SHADOW, event.key) : null;
        boolean ordered = event.sequenceEvent != Changelog.NO_SEQUENCE;
        if (shadow != null && isOfPartition(shadow, event, bucket) && Shadow.offset(shadow) >= event.offset) {
            if (Shadow.offset(shadow) > event.offset) {
                return superseded(
                        "its key changed again, at offset " + Shadow.offset(shadow) + ", which was rejected too");
            }
        } else if (ordered && sequence(shadow) > event.sequenceEvent) {
            return superseded("its key changed again, which was rejected too");
        } else if (ordered && sequence(prior) != Changelog.NO_SEQUENCE) {
            if (sequence(prior) == event.sequenceEvent) {
                return Verdict.DUPLICATE;
            }
            if (sequence(prior) > event.sequenceEvent) {
                return superseded("its key has changed since");
            }
        } else if (!isFirst && !isUnchanged(event, fence, prior != null)) {
            return superseded("its key has changed since, or nothing tells that it has not");
        }
        return fits(schema, bucket.newest(), ordered)
                ? Verdict.APPLIED
                : superseded("its table has another key since, or a column that is new with a default or renamed");
    }

    private Verdict superseded(String because) {
        why = because;
        return Verdict.SUPERSEDED;
    }

    private static long sequence(byte @Nullable [] stored) {
        return stored == null ? Changelog.NO_SEQUENCE : Bytes.getLong(stored, Rows.SEQUENCE);
    }

    private static boolean isOfPartition(byte[] stored, Event event, Bucket bucket) {
        return Bytes.getInt(stored, Rows.PARTITION) == event.partition
                && Stored.schemaOf(stored, bucket)
                        .topic()
                        .equals(event.requireSchema().topic());
    }

    /** Whether the key is known not to have changed in the topic, and nothing has come since then that could have changed it. */
    private static boolean isUnchanged(Event event, Fence fence, boolean byAny) {
        return event.unchangedTo >= 0
                && event.offset >= fence.removedAgain
                && (byAny ? fence.newest : fence.newestRemoval) < event.unchangedTo;
    }

    /** Whether a row of a schema can stand among those of the table's newest: later ones would not find it, or lack its values. */
    private static boolean fits(TableSchema schema, @Nullable TableSchema newest, boolean ordered) {
        if (newest == null || newest.id() == schema.id()) {
            return true;
        }
        return newest.keyNames().equals(schema.keyNames())
                && !Alteration.of(schema, newest, ordered).fills();
    }
}
