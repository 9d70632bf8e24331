package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;

/** Puts the rows and keys of an envelope into its event. */
final class Images {
    /** The headers of the two halves of a changed key. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private static final String NEW_KEY = "__debezium.newkey";

    private final RowWriter rows;
    private final Placeholders placeholders;
    private final Encodings encodings;

    Images(RowWriter rows, Placeholders placeholders, Encodings encodings) {
        this.rows = rows;
        this.placeholders = placeholders;
        this.encodings = encodings;
    }

    /** Whether a delete is one half of a changed key. */
    static boolean isMoved(RawRecord record) {
        return record.headers.has(NEW_KEY);
    }

    /** Reads the open key; returns the layout, or one that holds as text what this cannot. */
    RowLayout keyAlone(RowLayout layout, KeyReader key, Event event) {
        RowLayout fitting = layout;
        while (true) {
            rows.reset();
            try {
                int length = key.read(fitting, rows);
                event.key.set(rows.buffer(), rows.start(), length);
                return fitting;
            } catch (OutOfRangeException e) {
                fitting = fitting.withText(e.column());
            }
        }
    }

    /** Sets the event's rows: after, before where it is needed, and the key. */
    void read(Envelope e, EnvelopeReader reader, RowLayout layout, Event event) {
        if (event.operation == Operation.TRUNCATE) {
            return;
        }
        RowFields fields = reader.rows();
        boolean delete = event.operation == Operation.DELETE;
        event.moved = delete && isMoved(e.record);
        if (!delete) {
            after(e, fields, layout, event);
        }
        // both halves of a changed key have one place
        e.topic.lastDelete = delete ? e.source.place.sequenceEvent : -1;
        if (event.operation == Operation.UPDATE && !e.hasKey && layout.key.length == 0 && e.beforeAt < 0) {
            throw new DecodeException(Reason.KEY, "cannot tell the row of an update without key and 'before'");
        }
        // a delete's before may be fabricated except for the key; an update's is needed where there is no key
        int beforeStart = -1;
        int beforeLength = -1;
        if (e.beforeAt >= 0 && (delete || layout.key.length == 0)) {
            beforeLength = fields.read(layout, e.beforeAt, null, e.flat);
            beforeStart = rows.start();
        }
        if (layout.key.length > 0) {
            key(e, fields, layout, delete ? beforeStart : e.afterStart, event);
        }
        // the buffer may have been replaced by a larger one
        if (event.oldKey.isPresent()) {
            event.oldKey.set(rows.buffer(), event.oldKey.offset(), event.oldKey.length());
            event.key.set(rows.buffer(), event.key.offset(), event.key.length());
        }
        if (!delete) {
            event.after.set(rows.buffer(), e.afterStart, e.afterLength);
        }
        if (beforeStart >= 0) {
            event.before.set(rows.buffer(), beforeStart, beforeLength);
        }
    }

    private void after(Envelope e, RowFields fields, RowLayout layout, Event event) {
        boolean update = event.operation == Operation.UPDATE;
        if (e.afterRead && (update || !fields.hasUnsent(layout, e.afterStart)) && !(update && e.beforeAt >= 0)) {
            return;
        }
        // a user may store the placeholder's text; the create of a changed key leaves values out as an update does
        boolean mayBeUnsent = update
                || e.flat && e.source.operation == 0
                || e.record.headers.has(OLD_KEY)
                || e.source.place.sequenceEvent >= 0 && e.source.place.sequenceEvent == e.topic.lastDelete;
        if (!e.afterRead || !mayBeUnsent) {
            e.afterLength = fields.read(layout, e.afterAt, mayBeUnsent ? placeholders : null, e.flat);
            e.afterStart = rows.start();
        }
        // who has the row before sends the row after whole, but for what neither has
        if (update && e.beforeAt >= 0 && fields.hasUnsent(layout, e.afterStart)) {
            int length = fields.readSent(layout, e.afterStart, e.afterAt, e.beforeAt, placeholders, e.flat);
            if (length >= 0) {
                e.afterLength = length;
                e.afterStart = rows.start();
            }
        }
        e.afterRead = true;
    }

    private void key(Envelope e, RowFields fields, RowLayout layout, int row, Event event) {
        KeyReader key = e.hasKey ? encodings.key() : null;
        int length;
        if (key != null) {
            length = key.read(layout, rows);
        } else {
            if (row < 0) {
                throw new DecodeException(Reason.KEY, "cannot tell the row of a delete without key and 'before'");
            }
            length = fields.keyOf(layout, row);
        }
        event.key.set(rows.buffer(), rows.start(), length);
        byte[] old = event.operation == Operation.CREATE ? e.record.headers.value(OLD_KEY) : null;
        if (old != null) {
            oldKey(old, layout, event);
        }
    }

    /** A header in a form that is none of Connect's two is left alone: the create then stands for itself. */
    private void oldKey(byte[] header, RowLayout layout, Event event) {
        JsonKeyReader oldKey = encodings.headers();
        try {
            if (header.length > 0 && oldKey.open(header, new Topic(""))) {
                int length = oldKey.readByName(layout, rows);
                if (length > 0) {
                    event.oldKey.set(rows.buffer(), rows.start(), length);
                }
            }
        } catch (DecodeException e) {
            rows.abandon();
        }
    }
}
