package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableName;
import java.util.List;

/**
 * Rows without an envelope, as ExtractNewRecordState leaves them, and the null values that are their deletes.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/transformations/event-flattening.html">event
 *     flattening</a>
 */
final class FlatRows {
    private final Encodings encodings;
    private final LayoutChooser layouts;
    private final Images images;

    FlatRows(Encodings encodings, LayoutChooser layouts, Images images) {
        this.encodings = encodings;
        this.layouts = layouts;
        this.images = images;
    }

    /** Makes the envelope that of the row: with what the transform put beside its columns, as far as it did. */
    static void wrap(Envelope e, EnvelopeReader reader) {
        reader.readFlat(e);
        boolean known = e.topic.hasRows || e.schema.shape() == SchemaBlock.Shape.ROW || e.source.marked;
        if (e.schema.shape() == SchemaBlock.Shape.ENVELOPE || !known && Boolean.FALSE.equals(e.topic.flat)) {
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot find the envelope's 'op'");
        }
        e.flat = true;
        e.afterRead = false;
        e.operation = e.source.deleted ? 'd' : e.source.operation == 0 ? 'c' : e.source.operation;
        e.afterAt = e.payloadAt;
        e.beforeAt = e.operation == 'd' ? e.payloadAt : -1;
        if (e.operation == 't') {
            throw new DecodeException(Reason.OPERATION, "cannot use a truncate without an envelope");
        }
    }

    /** After a row of its own a null value is the row's delete; after an envelope it only repeats one: then the layout is NONE. */
    RowLayout tombstone(Envelope e, Event event) {
        e.source.clear();
        KeyReader key = Boolean.TRUE.equals(e.topic.flat) ? encodings.openKey(e.record, e.topic) : null;
        List<String> names = key == null ? List.of() : key.names();
        if (key == null || names.isEmpty()) {
            return RowLayout.NONE; // it names no row
        }
        RowLayout layout = e.topic.lastFlat;
        if (layout == null || !layout.hasKey(names)) {
            TableName table = e.topic.table;
            layout = layouts.keyed(layouts.ofTable(table, key.schema(), e), names, e);
        }
        layout = images.keyAlone(layout, key, event);
        e.topic.label = layout.label;
        event.operation = Operation.DELETE;
        event.tombstone = true;
        event.moved = Images.isMoved(e.record);
        return layout;
    }
}
