package io.tributary.decode;

import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A toy encoding: {@code |op|schema|table|column=value|column=value}, and a key without the first three; text alone, none of it empty. */
public final class LinesEncoding implements Encoding {
    @Override
    public boolean isValue(RawRecord record) {
        return record.value != null && record.value.length > 0 && record.value[0] == '|';
    }

    @Override
    public boolean isKey(RawRecord record) {
        return record.key != null && record.key.length > 0 && record.key[0] == '|';
    }

    @Override
    public EnvelopeReader reader(Tools tools) {
        return new Line(tools.rows());
    }

    /** The fields of a line from a place on, one after the other. */
    private static final class Line extends RowFields implements KeyReader, EnvelopeReader {
        private byte[] bytes = {};
        private int from;
        private int start;
        private int end;
        private @Nullable Line key;

        Line(RowWriter rows) {
            super(rows);
        }

        boolean next() {
            start = end + 1;
            end = start;
            while (end < bytes.length && bytes[end] != '|') {
                end++;
            }
            return start < bytes.length;
        }

        private String name() {
            String field = new String(bytes, start, end - start, StandardCharsets.UTF_8);
            String name = field.substring(0, Math.max(field.indexOf('='), 0));
            start += name.getBytes(StandardCharsets.UTF_8).length + 1;
            return name;
        }

        @Override
        public boolean open(byte[] line, Topic topic) {
            bytes = line;
            from = 0;
            end = 0;
            return true;
        }

        @Override
        public List<String> names() {
            return unknown(RowLayout.NONE, from, false);
        }

        @Override
        List<String> unknown(RowLayout layout, int at, boolean flat) {
            List<String> names = new ArrayList<>();
            for (end = at; next(); ) {
                names.add(name());
            }
            names.removeIf(name -> layout.indexOf(name) >= 0);
            return names;
        }

        @Override
        public boolean readColumn(LayoutColumn column, int place, RowWriter into) {
            for (end = from; next(); ) {
                if (name().equals(column.name())) {
                    into.writeBytes(bytes, start, end - start);
                    return true;
                }
            }
            return false;
        }

        @Override
        int read(RowLayout layout, int at, @Nullable Placeholders unsent, boolean flat) {
            from = at;
            rows.begin(layout.schema.columns().size());
            for (int i = 0; i < layout.columns.length; i++) {
                value(layout, i, unsent);
            }
            return rows.end();
        }

        @Override
        void readValue(LayoutColumn column, int place, @Nullable Placeholders unsent) {
            if (!readColumn(column, place, rows)) {
                rows.writeNull(place);
            }
        }

        @Override
        int position() {
            return from;
        }

        @Override
        void skip(int at) {
            from = at;
        }

        @Override
        public boolean read(Envelope envelope) {
            rows.reset();
            open(envelope.value, envelope.topic);
            next();
            envelope.schema = envelope.topic.plain;
            envelope.operation = envelope.value[start];
            envelope.source.present = next();
            envelope.source.schemaStart = start;
            envelope.source.schemaLength = end - start;
            next();
            envelope.source.tableStart = start;
            envelope.source.tableLength = end - start;
            envelope.hasRow = envelope.operation != 'd';
            envelope.afterAt = envelope.hasRow ? end : -1;
            envelope.beforeAt = envelope.hasRow ? -1 : end;
            return true;
        }

        @Override
        public RowFields rows() {
            return this;
        }

        @Override
        public KeyReader keys() {
            key = key == null ? new Line(rows) : key;
            return key;
        }
    }
}
