package io.tributary.source;

import io.tributary.change.RawRecord;
import java.util.Collections;
import java.util.Iterator;
import org.apache.kafka.common.header.Header;

/** The headers of one Kafka record after the other, as they are: looked at for few records only. */
final class KafkaHeaders implements RawRecord.Headers {
    private Iterable<Header> headers = Collections.emptyList();

    /** Makes these the headers of the next record. */
    KafkaHeaders of(Iterable<Header> next) {
        headers = next;
        return this;
    }

    @Override
    public Iterator<RawRecord.Header> iterator() {
        Iterator<Header> all = headers.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public RawRecord.Header next() {
                Header header = all.next();
                return new RawRecord.Header(header.key(), header.value());
            }
        };
    }
}
