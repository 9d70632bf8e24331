package io.tributary.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Whoever may write the topic of what is offered again must not change rows with it. */
@Pure
class SignedReplaysTest {
    private static final Secret SECRET = Secret.of("a secret of the pipeline");
    private final TopicReader source = new TopicReader("127.0.0.1:1", Map.of(), progress -> {});

    private static ProducerRecord<byte[], byte[]> offered(Secret secret) {
        RawRecord letter = new RawRecord().set("cdc.s.t", 0, 7, 1, "{}".getBytes(UTF_8), "{\"a\":1}".getBytes(UTF_8));
        return Replays.of("replays", letter, false, 9, secret);
    }

    private RawRecord opened(ProducerRecord<byte[], byte[]> record, byte[] value, Secret secret) throws Exception {
        List<RawRecord.Header> headers = new ArrayList<>();
        record.headers().forEach(header -> headers.add(new RawRecord.Header(header.key(), header.value())));
        RawRecord read = new RawRecord().set("replays", 0, 3, 1, record.key(), value);
        read.headers = headers::iterator;
        return Replays.open(read, source, secret);
    }

    @Test
    void whatIsSignedIsTaken() throws Exception {
        ProducerRecord<byte[], byte[]> record = offered(SECRET);
        RawRecord letter = opened(record, record.value(), SECRET);

        assertThat(letter.place()).isEqualTo("[cdc.s.t-0@7]");
        assertThat(letter.replay).isEqualTo(3);
        assertThat(letter.unchangedTo).isEqualTo(9);
        assertThat(opened(record, record.value(), Secret.NONE).replay).isEqualTo(3);
    }

    @Test
    void whatIsNotOrIsChangedIsRefused() throws Exception {
        ProducerRecord<byte[], byte[]> signed = offered(SECRET);
        ProducerRecord<byte[], byte[]> further = offered(SECRET);
        further.headers().remove("tributary.unchanged-to");
        further.headers().add("tributary.unchanged-to", "99".getBytes(UTF_8));
        byte[] changed = new String(signed.value(), UTF_8).replace("7", "8").getBytes(UTF_8);

        assertThat(opened(offered(Secret.NONE), signed.value(), SECRET).replay).isEqualTo(RawRecord.REFUSED);
        assertThat(opened(offered(Secret.of("another")), signed.value(), SECRET).replay)
                .isEqualTo(RawRecord.REFUSED);
        assertThat(opened(signed, changed, SECRET).replay).isEqualTo(RawRecord.REFUSED);
        assertThat(opened(further, further.value(), SECRET).replay).isEqualTo(RawRecord.REFUSED);
        assertThat(opened(signed, "{\"a\":1}".getBytes(UTF_8), Secret.NONE).replay)
                .isEqualTo(RawRecord.REFUSED);
    }
}
