package io.tributary.decode;

import io.tributary.change.Bytes;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads events in JSON: envelopes, and rows that were taken out of one.
 *
 * <p>The row is read in the pass that reads the envelope, on the guess that the event is of the same table as the one
 * before it on its topic. Where the guess fails, the row is read again.
 */
final class JsonEnvelopeReader implements EnvelopeReader {
    private static final byte[] SCHEMA_FIRST = ascii("{\"schema\":");
    private static final byte[] PAYLOAD_NEXT = ascii(",\"payload\":");
    private static final String[] APICURIO = {"apicurio.value.globalId", "apicurio.value.contentId"};

    private final JsonScanner json = new JsonScanner();
    private final RowWriter rows;
    private final Placeholders placeholders;
    private final ValueReader values;
    private final JsonFields fields;
    private final JsonKeyReader key;
    private final JsonKeyReader headers;
    private final JsonSource source;
    private Topic topic = new Topic("");

    private boolean wrapped;
    /** Whether all behind the payload was looked at before it. */
    private boolean isEnded;

    JsonEnvelopeReader(Encoding.Tools tools) {
        rows = tools.rows();
        placeholders = tools.placeholders();
        values = new ValueReader(tools.hidden());
        fields = new JsonFields(json, rows, values, tools.key());
        key = new JsonKeyReader(values);
        headers = new JsonKeyReader(values);
        source = new JsonSource(tools.dialects(), tools.tellsOrigins());
    }

    @Override
    public void topic(Topic next) {
        topic = next;
        values.decimals(next.decimals);
    }

    @Override
    public JsonFields rows() {
        return fields;
    }

    @Override
    public JsonKeyReader keys() {
        return key;
    }

    /** Reads keys that stand in headers, beside the key of the record. */
    JsonKeyReader headers() {
        return headers;
    }

    @Override
    public boolean read(Envelope envelope) {
        byte[] value = envelope.value;
        refuseRegistry(envelope.record, value);
        json.open(value, 0, value.length);
        isEnded = false;
        envelope.schema = openPayload(value);
        boolean isThere = !json.tryNull();
        if (isThere) {
            rows.reset();
            payload(envelope);
        }
        if (!isEnded) {
            json.expectEnd(wrapped);
        }
        return isThere;
    }

    @Override
    public void readFlat(Envelope envelope) {
        source.readFlat(json, envelope.payloadAt, envelope.source);
    }

    @Override
    public void readNames(Envelope envelope) {
        SourceBlock block = envelope.source;
        block.schema = JsonSource.text(envelope.value, block.schemaStart, block.schemaLength);
        block.table = JsonSource.text(envelope.value, block.tableStart, block.tableLength);
    }

    @Override
    public void readDocument(int at, LayoutColumn column, int place) {
        json.position(at);
        values.read(json, column, place, null, rows);
    }

    @Override
    public int endOf(int at) {
        json.position(at);
        json.skip();
        return json.position();
    }

    private static void refuseRegistry(RawRecord record, byte[] value) {
        if (value.length > 4 && value[0] == 0) {
            throw new DecodeException(
                    Reason.REGISTRY,
                    "cannot read a schema registry's format: byte 0 and schema id "
                            + Integer.reverseBytes(Bytes.getInt(value, 1))
                            + " (Confluent); use Connect's JsonConverter");
        }
        if (value.length > 0 && value[0] != '{') {
            for (String header : APICURIO) {
                if (record.headers.has(header)) {
                    throw new DecodeException(
                            Reason.REGISTRY,
                            "cannot read a schema registry's format: header " + header
                                    + " (Apicurio); use Connect's JsonConverter");
                }
            }
        }
    }

    /** Goes to the payload; gives the schema block in front of it, or the one that stands for having none. */
    private SchemaBlock openPayload(byte[] value) {
        wrapped = true;
        int at = SCHEMA_FIRST.length;
        if (startsWith(value, 0, SCHEMA_FIRST)) {
            SchemaBlock known = topic.knownBlock(value, at);
            if (known != topic.plain && startsWith(value, at + known.length(), PAYLOAD_NEXT)) {
                json.position(at + known.length() + PAYLOAD_NEXT.length);
                return known;
            }
        }
        if (json.peek() == 'n') {
            wrapped = false;
            return topic.plain;
        }
        if (json.peek() != '{') {
            json.skip();
            json.expectEnd();
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot use a value that is no object");
        }
        int start = json.position();
        json.expect('{');
        boolean any = json.nextField(true);
        boolean payloadFirst = any && json.tokenIs(Wrapped.PAYLOAD);
        if (any && json.tokenIs(Wrapped.SCHEMA) && (json.peek() == '{' || json.peek() == 'n')) {
            int from = json.position();
            json.skip();
            int to = json.position();
            if (json.nextField(false) && json.tokenIs(Wrapped.PAYLOAD)) {
                return blockOf(value, from, to);
            }
        }
        wrapped = false;
        json.position(start);
        int schema = payloadFirst ? Wrapped.payloadBeforeSchema(json) : -1;
        if (schema < 0) {
            return topic.plain;
        }
        int payload = json.position();
        if (schema == 0 && !looksLikeAnEnvelope()) {
            json.position(start); // a row with one column, of JSON
            return topic.plain;
        }
        isEnded = true;
        if (schema == 0) {
            json.position(payload);
            return topic.plain;
        }
        json.position(schema);
        json.skip();
        SchemaBlock block = blockOf(value, schema, json.position());
        json.position(payload);
        return block;
    }

    /** Whether the object at the scanner's place has an operation and a source or an image. */
    private boolean looksLikeAnEnvelope() {
        boolean hasOperation = false;
        boolean hasMore = false;
        EnvelopeField field = null;
        json.expect('{');
        while ((field = EnvelopeField.next(json, field)) != null) {
            hasOperation |= field == EnvelopeField.OP;
            hasMore |= field == EnvelopeField.SOURCE || field == EnvelopeField.AFTER || field == EnvelopeField.BEFORE;
            json.skip();
        }
        return hasOperation && hasMore;
    }

    private SchemaBlock blockOf(byte[] value, int from, int to) {
        if (value[from] == 'n') {
            return topic.plain; // the converter writes null where it knows no schema
        }
        SchemaBlock block = topic.knownBlock(value, from);
        if (block.length() != to - from) {
            block = SchemaBlock.of(value, from, to);
            topic.add(block);
        }
        return block;
    }

    /** Reads the envelope's fields, and {@code after} with them if it has the guessed layout. */
    private void payload(Envelope e) {
        RowLayout guess = e.schema.shape() == SchemaBlock.Shape.ROW ? RowLayout.NONE : e.schema.layout;
        if (json.peek() != '{') {
            json.skip();
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot use a payload that is no object");
        }
        e.payloadAt = json.position();
        json.expect('{');
        for (EnvelopeField field = EnvelopeField.next(json, null);
                field != null;
                field = EnvelopeField.next(json, field)) {
            switch (field) {
                case OP -> operation(e);
                case AFTER -> after(e, guess);
                case BEFORE -> {
                    e.sawImage |= json.peek() == '{' || json.peek() == 'n';
                    e.beforeAt = json.peek() == '{' ? json.position() : -1;
                    json.skip();
                }
                case SOURCE -> {
                    if (json.peek() == '{') {
                        source.read(json, topic.source, e.source);
                    } else {
                        e.sawOther = true;
                        json.skip();
                    }
                }
                case TS_MS -> {
                    e.sawMillis = true;
                    json.skip();
                }
                case STATUS -> {
                    e.sawStatus = true;
                    json.skip();
                }
                case UPDATE_DESCRIPTION -> {
                    e.updateAt = json.peek() == '{' ? json.position() : e.updateAt;
                    e.sawOther = true;
                    json.skip();
                }
                case TRANSACTION, TS_US, TS_NS, OTHER -> {
                    e.sawOther = true;
                    json.skip();
                }
            }
        }
    }

    private void operation(Envelope e) {
        boolean isOp = json.peek() == '"';
        json.skip();
        if (isOp) {
            e.operation = json.tokenLength() == 1 ? json.bytes()[json.tokenStart()] : '?';
        }
        e.sawOther |= !isOp;
    }

    private void after(Envelope e, RowLayout guess) {
        if (json.peek() != '{') {
            e.sawImage |= json.peek() == 'n';
            e.afterAt = json.peek() == '"' ? json.position() : -1; // a document is text
            e.hasRow = false;
            json.skip();
            return;
        }
        e.sawImage = true;
        e.hasRow = true;
        e.afterAt = json.position();
        e.afterRead = guess != RowLayout.NONE && fields.tryRead(guess, placeholders);
        if (e.afterRead) {
            e.afterStart = rows.start();
            e.afterLength = rows.end();
        } else {
            json.position(e.afterAt);
            json.skip();
        }
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
        return from + prefix.length <= bytes.length
                && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
