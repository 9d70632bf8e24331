package io.tributary.source;

import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters that are offered again: records of a topic of one partition beside the source's, each a {@link RecordedLine} with
 * the record's old place and its bytes as they are now; or with the place alone, where the bytes must not be stored a second
 * time: the offset is read again then.
 */
public final class Replays {
    /** Header: the offset of its partition below which no later record has the letter's key. */
    private static final String UNCHANGED_TO = "tributary.unchanged-to";
    /** Header: the bytes are to be read at the letter's place. */
    private static final String READ_AGAIN = "tributary.read-again";

    private Replays() {}

    /** @param unchangedTo see {@link RawRecord#unchangedTo} */
    public static ProducerRecord<byte[], byte[]> of(
            String topic, RawRecord letter, boolean readAgain, long unchangedTo) {
        RawRecord line = letter;
        if (readAgain) {
            line = new RawRecord().set(letter.topic, letter.partition, letter.offset, letter.timestamp, null, null);
        }
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, 0, letter.place().getBytes(StandardCharsets.UTF_8), RecordedLine.of(line));
        if (readAgain) {
            record.headers().add(READ_AGAIN, new byte[0]);
        }
        if (unchangedTo >= 0) {
            record.headers().add(UNCHANGED_TO, Long.toString(unchangedTo).getBytes(StandardCharsets.US_ASCII));
        }
        return record;
    }

    static boolean isReadAgain(RawRecord offered) {
        return offered.headers.has(READ_AGAIN);
    }

    /**
     * The letter in a record of the topic; the record itself, which then is rejected, where there is none in it.
     *
     * @param source reads letters again that are not in the record
     */
    static RawRecord open(RawRecord offered, TopicReader source) throws IOException {
        RawRecord letter = offered.value == null ? null : line(offered.value);
        if (letter != null && isReadAgain(offered)) {
            letter = source.fetch(letter.topic, letter.partition, letter.offset);
        }
        if (letter == null) {
            return offered;
        }
        letter.replay = offered.offset;
        letter.offeredMillis = offered.timestamp;
        byte[] to = offered.headers.value(UNCHANGED_TO);
        letter.unchangedTo = to == null ? -1 : number(to);
        return letter;
    }

    private static @Nullable RawRecord line(byte[] value) {
        try {
            return RecordedLine.parse(value, 0, 0);
        } catch (IOException e) {
            return null;
        }
    }

    private static long number(byte[] text) {
        try {
            return Long.parseLong(new String(text, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
