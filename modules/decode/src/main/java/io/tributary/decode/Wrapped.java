package io.tributary.decode;

import java.nio.charset.StandardCharsets;

/** What Kafka Connect's JsonConverter puts around what it converts, {@code {"schema":…,"payload":…}}, in either order. */
final class Wrapped {
    static final byte[] SCHEMA = "schema".getBytes(StandardCharsets.US_ASCII);
    static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.US_ASCII);

    private Wrapped() {}

    /**
     * Goes to the payload of {@code {"payload":…,"schema":…}}, or of a payload alone, and looks at all behind it.
     *
     * @return where the schema is, or 0 if there is none; or -1, and back, at anything else
     */
    static int payloadBeforeSchema(JsonScanner json) {
        int from = json.position();
        if (json.peek() == '{') {
            json.expect('{');
            if (json.nextField(true) && json.tokenIs(PAYLOAD) && (json.peek() == '{' || json.peek() == 'n')) {
                int payload = json.position();
                boolean isNull = json.peek() == 'n';
                json.skip();
                int schema = 0;
                boolean more = json.nextField(false);
                if (more && json.tokenIs(SCHEMA) && (json.peek() == '{' || json.peek() == 'n')) {
                    schema = json.position();
                    json.skip();
                    more = json.nextField(false);
                }
                if (!more && (schema > 0 || !isNull)) {
                    json.expectEnd();
                    json.position(payload);
                    return schema;
                }
            }
        }
        json.position(from);
        return -1;
    }
}
