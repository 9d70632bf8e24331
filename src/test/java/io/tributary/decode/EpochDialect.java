package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/** A toy source: its events have an epoch, as a word, and a tick within it. Epochs come in the order of their first events. */
public final class EpochDialect implements SourceDialect {
    private static final int EPOCH = 0;
    private static final int TICK = 1;

    @Override
    public List<String> connectors() {
        return List.of("epochs");
    }

    @Override
    public List<String> fields() {
        return List.of("epoch", "tick");
    }

    @Override
    public boolean appendsColumns() {
        return true;
    }

    @Override
    public SourceOrder order() {
        return new Order();
    }

    private static final class Order implements SourceOrder {
        private String epoch = "";
        private long number;
        private long tick;

        @Override
        public boolean isNew(SourcePlace place, RawRecord.Headers headers, Event event) {
            String now = place.text(EPOCH);
            long at = Long.parseLong(place.text(TICK));
            if (now.equals(epoch) && at <= tick) {
                return false;
            }
            number += now.equals(epoch) ? 0 : 1;
            epoch = now;
            tick = at;
            event.sequenceCommit = number;
            event.sequenceEvent = (number << 32) + tick;
            return true;
        }

        @Override
        public void write(DataOutputStream out) throws IOException {
            out.writeUTF(epoch);
            out.writeLong(number);
            out.writeLong(tick);
        }

        @Override
        public void read(DataInputStream in) throws IOException {
            epoch = in.readUTF();
            number = in.readLong();
            tick = in.readLong();
        }
    }
}
