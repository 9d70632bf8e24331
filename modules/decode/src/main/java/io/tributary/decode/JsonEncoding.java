package io.tributary.decode;

import io.tributary.change.RawRecord;

/** JSON as Kafka Connect's JsonConverter writes it, with or without the schema block. */
final class JsonEncoding implements Encoding {
    @Override
    public boolean isValue(RawRecord record) {
        return true;
    }

    @Override
    public boolean isKey(RawRecord record) {
        return true;
    }

    @Override
    public JsonEnvelopeReader reader(Tools tools) {
        return new JsonEnvelopeReader(tools);
    }
}
