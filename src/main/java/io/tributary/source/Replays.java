package io.tributary.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import io.tributary.change.TableName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
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

    /** Header: the value is no letter, but {@code {"schema": …, "table": …}}, whose rows are asked for. */
    private static final String SHOWS = "tributary.shows";

    /** Header: the pipeline's hash of the record, where it has a secret. */
    private static final String SIGNED = "tributary.signed";

    private static final JsonMapper JSON = new JsonMapper();

    private Replays() {}

    /**
     * A record of the topic.
     *
     * @param unchangedTo see {@link RawRecord#unchangedTo}
     * @param secret signs it, if there is one: then the job takes no others
     */
    public static ProducerRecord<byte[], byte[]> of(
            String topic, RawRecord letter, boolean readAgain, long unchangedTo, Secret secret) {
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
        if (Secret.isThere(secret)) {
            String signature = signature(
                    secret,
                    record.key(),
                    record.value(),
                    readAgain,
                    unchangedTo < 0 ? null : Long.toString(unchangedTo).getBytes(StandardCharsets.US_ASCII));
            record.headers().add(SIGNED, signature.getBytes(StandardCharsets.US_ASCII));
        }
        return record;
    }

    /** Asks for the rows of a table, as the job has them. */
    public static ProducerRecord<byte[], byte[]> show(String topic, TableName table, Secret secret) {
        byte[] value = JSON.createObjectNode()
                .put("schema", table.schema())
                .put("table", table.table())
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, 0, table.toString().getBytes(StandardCharsets.UTF_8), value);
        record.headers().add(SHOWS, new byte[0]);
        if (Secret.isThere(secret)) {
            String signature = signature(secret, record.key(), value, false, null);
            record.headers().add(SIGNED, signature.getBytes(StandardCharsets.US_ASCII));
        }
        return record;
    }

    private static @Nullable TableName shown(byte @Nullable [] value) {
        try {
            JsonNode request = value == null ? JSON.nullNode() : JSON.readTree(value);
            return request.path("table").isTextual()
                    ? new TableName(
                            request.path("schema").asText(),
                            request.path("table").asText())
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static String signature(
            Secret secret,
            byte @Nullable [] key,
            byte @Nullable [] value,
            boolean readAgain,
            byte @Nullable [] unchangedTo) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        write(signed, key);
        write(signed, value);
        signed.write(readAgain ? 1 : 0);
        write(signed, unchangedTo);
        return secret.hmac(signed.toByteArray());
    }

    /** With its length: what is signed has one meaning. */
    private static void write(ByteArrayOutputStream to, byte @Nullable [] part) {
        byte[] bytes = part == null ? new byte[0] : part;
        to.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .putInt(part == null ? -1 : part.length)
                .array());
        to.writeBytes(bytes);
    }

    private static boolean isSigned(RawRecord offered, Secret secret) {
        byte[] given = offered.headers.value(SIGNED);
        String expected = signature(
                secret, offered.key, offered.value, isReadAgain(offered), offered.headers.value(UNCHANGED_TO));
        return given != null && MessageDigest.isEqual(given, expected.getBytes(StandardCharsets.US_ASCII));
    }

    static boolean isReadAgain(RawRecord offered) {
        return offered.headers.has(READ_AGAIN);
    }

    /**
     * The letter in a record of the topic; the record itself, {@link RawRecord#REFUSED refused}, where there is none in it, or none of ours.
     *
     * @param source reads letters again that are not in the record
     * @param secret that has signed it, if there is one
     */
    static RawRecord open(RawRecord offered, TopicReader source, Secret secret) throws IOException {
        boolean isOurs = !Secret.isThere(secret) || isSigned(offered, secret);
        if (offered.headers.has(SHOWS)) {
            offered.shows = isOurs ? shown(offered.value) : null;
            offered.replay = offered.shows == null ? RawRecord.REFUSED : -1;
            return offered;
        }
        RawRecord letter = offered.value == null || !isOurs ? null : line(offered.value);
        if (letter != null && isReadAgain(offered)) {
            letter = source.fetch(letter.topic, letter.partition, letter.offset);
        }
        if (letter == null) {
            offered.replay = RawRecord.REFUSED;
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
            RawRecord line = RecordedLine.parse(value, 0, 0);
            return line.topic.isEmpty() ? null : line;
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
