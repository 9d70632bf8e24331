package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.Pure;
import io.tributary.change.Column;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.source.Captures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Real events with bytes flipped, cut out, doubled and exchanged: a rejection at worst, and a change's rows can be read. */
@Pure
final class MutationTest {
    private static final int MUTANTS = 20_000;
    private static final byte[] TELLING = "\"\\{}[],:0129-+.eEuntfsr/ \n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void aMutatedEventIsRejectedAtWorst() {
        List<RawRecord> events = new ArrayList<>();
        for (String capture : List.of(
                "types_default",
                "types_default.schemas",
                "recommended_microseconds.schemas",
                "types_string_isostring_base64.schemas",
                "toast_small_hex.schemas",
                "route_single_topic",
                "ops_identity",
                "ops_identity.schemas",
                "txn")) {
            Captures.records(capture).stream().filter(r -> r.value != null).forEach(events::add);
        }
        Random random = new Random(20_240_229);
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        Decoder decoder = new Decoder(DecodeSettings.NONE);
        Event change = new Event();
        for (int i = 0; i < MUTANTS; i++) {
            RawRecord event = events.get(random.nextInt(events.size()));
            boolean ofKey = event.key != null && random.nextInt(8) == 0;
            byte[] key = ofKey ? mutated(event.key, random) : event.key;
            byte[] value = ofKey ? event.value : mutated(event.value, random);
            RawRecord mutant = new RawRecord().set(event.topic, 0, i, 0, key, value);
            try {
                Outcome outcome = decoder.decode(mutant, change);
                outcomes.merge(outcome, 1, Integer::sum);
                if (outcome == Outcome.CHANGE) {
                    readAll(change);
                }
            } catch (RuntimeException e) {
                fail("mutant " + i + " of " + event.place() + " key " + hex(key) + " value " + hex(value), e);
            }
            if (i % 500 == 0) {
                decoder = new Decoder(DecodeSettings.NONE); // blocks that mutants taught it would crowd out the rest
            }
        }
        assertThat(outcomes.get(Outcome.REJECTED)).isGreaterThan(MUTANTS / 5);
        assertThat(outcomes.get(Outcome.CHANGE)).isGreaterThan(MUTANTS / 5);
    }

    private static String hex(byte @Nullable [] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
    }

    private static void readAll(Event change) {
        TableSchema schema = change.requireSchema();
        List<Column> columns = schema.key().stream().map(schema.columns()::get).toList();
        read(new TableSchema("", schema.table(), columns, List.of()), change.key);
        read(schema, change.after);
        read(schema, change.before);
    }

    private static void read(TableSchema schema, Slice row) {
        if (row.isPresent()) {
            RowReader.values(schema, row.bytes(), row.offset());
        }
    }

    private static byte[] mutated(byte @Nullable [] original, Random random) {
        byte[] bytes = java.util.Objects.requireNonNull(original).clone();
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times && bytes.length > 0; i++) {
            // most of a record is its schema block: look at the payload as often
            int from = random.nextBoolean() ? Math.max(0, bytes.length - 800) : 0;
            int at = from + random.nextInt(bytes.length - from);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = TELLING[random.nextInt(TELLING.length)];
                case 3 -> bytes = spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(12)), new byte[0]);
                case 4 -> {
                    int start = random.nextInt(bytes.length);
                    int end = Math.min(bytes.length, start + random.nextInt(40));
                    bytes = spliced(bytes, at, at, java.util.Arrays.copyOfRange(bytes, start, end));
                }
                default -> bytes = random.nextInt(4) == 0 ? java.util.Arrays.copyOf(bytes, at) : bytes;
            }
        }
        return bytes;
    }

    /** The bytes with a range replaced. */
    private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
        byte[] result = new byte[bytes.length - (to - from) + middle.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(middle, 0, result, from, middle.length);
        System.arraycopy(bytes, to, result, from + middle.length, bytes.length - to);
        return result;
    }
}
