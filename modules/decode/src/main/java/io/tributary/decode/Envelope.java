package io.tributary.decode;

import io.tributary.change.RawRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a record's value says, in whatever encoding: its fields, and where in the value's bytes its rows stand. Beside them
 * what decode has found out of it so far. Reused from record to record.
 */
final class Envelope {
    RawRecord record = new RawRecord();
    byte[] value = {};
    Topic topic = new Topic("");

    /** What stands for the schema of the value; {@link Topic#plain} where it has none. */
    SchemaBlock schema = topic.plain;

    /** The letter of the operation, {@code ?} for a longer word, 0 where there is none. */
    int operation;

    /** Where the payload's object begins. */
    int payloadAt;
    /** Where the images and the description of an update are; -1 where they are not, or are null. */
    int beforeAt;

    int afterAt;
    int updateAt;
    /** Whether the image after is a row of columns, and not the text of a document. */
    boolean hasRow;

    /** Whether it has an image, if only one of null. */
    boolean sawImage;
    /** Whether it has a time, a status, or a field beside these and the operation, source and images. */
    boolean sawMillis;

    boolean sawStatus;
    boolean sawOther;

    final SourceBlock source;

    /** Whether the value is a row without an envelope. */
    boolean flat;

    /** Whether the row after was read to {@link #afterStart} of the writer, by the layout that is known so far. */
    boolean afterRead;

    int afterStart;
    int afterLength;

    /** Whether the record's key names the row. */
    boolean hasKey;

    /** The layout of the record's rows, once it is known. */
    @Nullable
    RowLayout layout;

    /** @param dialects what fields of a source they ask for */
    Envelope(SourceDialects dialects) {
        source = new SourceBlock(dialects.size());
    }

    /** Makes this the envelope of a record that was not looked at yet. */
    void open(RawRecord next, Topic of) {
        record = next;
        topic = of;
        layout = null;
    }

    /** Forgets what the value before said. */
    void clear(byte[] next) {
        value = next;
        source.place.value = next;
        operation = 0;
        beforeAt = -1;
        afterAt = -1;
        updateAt = -1;
        hasRow = false;
        sawImage = false;
        sawMillis = false;
        sawStatus = false;
        sawOther = false;
        flat = false;
        afterRead = false;
        source.clear();
    }

    boolean hasSchema() {
        return schema != topic.plain;
    }

    /** Columns may be called op, before and source as well: an envelope has its operation and a source or an image. */
    boolean isEnvelope() {
        return switch (schema.shape()) {
            case ENVELOPE -> operation != 0;
            case ROW -> false;
            case ANY -> operation != 0 && (source.present || sawImage && !Boolean.TRUE.equals(topic.flat));
        };
    }

    boolean isHeartbeat() {
        return sawMillis && !sawOther && !sawStatus && !sawImage && !source.present && operation == 0;
    }

    boolean isTransaction() {
        return sawStatus && sawOther && !source.present && topic.name.endsWith(".transaction");
    }
}
