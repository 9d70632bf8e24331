package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import java.util.List;

/**
 * MongoDB's documents: the key's id beside the document as Extended JSON, or what changed in it.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/mongodb.html#mongodb-change-events-value">its
 *     events</a>
 */
final class Documents {
    /** The columns of a collection. */
    private static final String ID = "id";

    private static final String DOCUMENT = "document";

    private final RowWriter rows;
    private final Encodings encodings;
    private final LayoutChooser layouts;

    Documents(RowWriter rows, Encodings encodings, LayoutChooser layouts) {
        this.rows = rows;
        this.encodings = encodings;
        this.layouts = layouts;
    }

    /** The layout of the record's collection, whose key is open then. */
    RowLayout choose(Envelope e, EnvelopeReader reader) {
        reader.readNames(e);
        TableName table = new TableName(e.source.schema, e.source.table);
        SchemaBlock documents = e.topic.documents;
        RowLayout layout = documents.layout(table, e.source.origin);
        if (layout == null) {
            layout = layouts.first(table, documents, e)
                    .withColumns(
                            List.of(LayoutColumn.untyped(ID), new LayoutColumn(DOCUMENT, ColumnType.JSON, Form.TEXT)))
                    .withKey(List.of(ID));
            documents.use(layout);
        }
        e.topic.label = layout.label;
        return layout;
    }

    /** Sets the event's key and document. */
    void read(Envelope e, EnvelopeReader reader, RowLayout layout, Event event) {
        KeyReader key = encodings.openKey(e.record, e.topic);
        e.hasKey = key != null;
        if (key == null || !key.matches(layout)) {
            throw new DecodeException(Reason.KEY, "cannot use a document's key that is not its 'id'");
        }
        int keyLength = key.read(layout, rows);
        event.key.set(rows.buffer(), rows.start(), keyLength);
        if (event.operation != Operation.DELETE && event.operation != Operation.TRUNCATE) {
            after(e, reader, layout, event);
        }
        if (event.operation == Operation.TRUNCATE) {
            event.key.clear();
        }
    }

    private void after(Envelope e, EnvelopeReader reader, RowLayout layout, Event event) {
        if (e.afterAt < 0 && e.updateAt < 0) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE, "cannot use a document's event without 'after' and 'updateDescription'");
        }
        RowReader id = new RowReader();
        id.open(layout.schema.keyTypes(), event.key.bytes(), event.key.offset());
        rows.begin(2);
        if (id.next()) {
            rows.copy(id, ColumnType.ANY);
        } else {
            rows.writeNull(0);
        }
        if (e.afterAt >= 0) {
            reader.readDocument(e.afterAt, layout.columns[1], 1);
        } else {
            rows.writeUnsent(1);
            event.patch.set(e.value, e.updateAt, reader.endOf(e.updateAt) - e.updateAt);
        }
        int length = rows.end();
        event.after.set(rows.buffer(), rows.start(), length);
    }
}
