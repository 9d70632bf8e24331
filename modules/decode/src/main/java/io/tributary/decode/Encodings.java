package io.tributary.decode;

import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The encodings that one decoder knows, and the present record's key. */
final class Encodings {
    private final List<Encoding> encodings = new ArrayList<>();
    private final List<EnvelopeReader> readers = new ArrayList<>();
    private final JsonKeyReader headers;
    private @Nullable KeyReader key;

    Encodings(
            RowWriter rows,
            DecodeSettings settings,
            Hidden hidden,
            Placeholders placeholders,
            SourceDialects dialects) {
        Encoding.Tools tools =
                new Encoding.Tools(rows, this::key, hidden, placeholders, dialects, !settings.mergesSources());
        ServiceLoader.load(Encoding.class).forEach(encodings::add);
        encodings.forEach(encoding -> readers.add(encoding.reader(tools)));
        JsonEncoding json = new JsonEncoding();
        JsonEnvelopeReader reader = json.reader(tools);
        encodings.add(json); // the last, as it takes all
        readers.add(reader);
        headers = reader.headers();
    }

    /** From here on records are of this topic. */
    void topic(Topic topic) {
        for (EnvelopeReader reader : readers) {
            reader.topic(topic);
        }
    }

    /** What reads the record's value. */
    EnvelopeReader of(RawRecord record) {
        int last = encodings.size() - 1;
        for (int i = 0; i < last; i++) {
            if (record.value != null && encodings.get(i).isValue(record)) {
                return readers.get(i);
            }
        }
        return readers.get(last);
    }

    /** What reads keys in headers: Connect writes those in JSON, whatever its records are. */
    JsonKeyReader headers() {
        return headers;
    }

    /** The present record's key; null where it has none, or it was not opened. */
    @Nullable
    KeyReader key() {
        return key;
    }

    /** Forgets the key of the record before: it has nothing of the next one's row. */
    void closeKey() {
        key = null;
    }

    /** Goes to the record's key; gives null when it has none. */
    @Nullable
    KeyReader openKey(RawRecord record, Topic topic) {
        key = null;
        if (record.key == null) {
            return null;
        }
        int i = 0;
        while (i < encodings.size() - 1 && !encodings.get(i).isKey(record)) {
            i++;
        }
        KeyReader opened = readers.get(i).keys();
        key = opened.open(record.key, topic) ? opened : null;
        return key;
    }
}
