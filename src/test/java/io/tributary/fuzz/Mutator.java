package io.tributary.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tributary.change.RawRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Turns real events into ones that nobody sends: by byte, by field, and by exchange with others. */
final class Mutator {
    private static final byte[] PUNCTUATION = "\"\\{}[],:0129-+.eEuntfsr/ \n".getBytes(UTF_8);
    private static final Set<String> ENVELOPE = Set.of(
            "after", "before", "source", "op", "payload", "schema", "table", "sequence", "ts_ms", "txId", "snapshot");

    private static final List<byte[]> NUMBERS = latin(
            "0",
            "-0",
            "-1",
            "1.5",
            "1e2",
            "1e999999999",
            "-1E-999999999",
            "1e2147483648",
            "0e2147483647",
            "32768",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "9".repeat(38),
            "-" + "9".repeat(39),
            "7".repeat(5000),
            "0." + "0".repeat(500) + "1",
            "86400000000",
            "86400000001",
            "86400001",
            "253402300800000",
            "9223339708800000001",
            "9223372036854775000",
            "-62135596800001",
            "2932897",
            "-2440589",
            "+1",
            "01",
            ".5",
            "1.",
            "--1",
            "-",
            "1d",
            "0x10",
            "NaN",
            "-Infinity");

    private static final List<byte[]> STRINGS = quoted(
            "",
            " ",
            "NaN",
            "Infinity",
            "-Infinity",
            "infinity",
            "1e999999999",
            "-1E-999999999",
            "1d",
            "0x1p3",
            "1,5",
            " 1 ",
            "3".repeat(20_000),
            "0." + "1".repeat(399),
            "\\ud800",
            "\\udc00x",
            "\\ud800\\u0041",
            "\\ud83d\\ude00",
            "\\u0000",
            "\\u00e9\\n\\t\\\"\\\\",
            "\\x",
            "\\u12",
            "\u00c0\u0080",
            "\u00e0\u0080\u0080",
            "\u00ed\u00a0\u0080",
            "\u00f5\u0080\u0080\u0080",
            "\u00f0\u009f\u0098",
            "\u00d9\u00a3",
            "\u00ff",
            "A",
            "A===",
            "====",
            "!!!!",
            "AAAA\\n",
            "////",
            "gA==",
            "/".repeat(64),
            "9999-12-31T23:59:59.999999Z",
            "+292278994-08-17T07:12:55.807Z",
            "-290308-12-21T19:59:05.224Z",
            "290000-12-31T23:59:60Z",
            "2024-02-30T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29T12:00:00.1234567Z",
            "2024-02-29T12:00:00+99:99",
            "2024-02-29",
            "24:00:00",
            "__debezium_unavailable_value",
            "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
            "true",
            "null",
            "r",
            "c",
            "u",
            "d",
            "t",
            "m",
            "incremental",
            "[\\\"1\\\",\\\"2\\\"]",
            "[null,\\\"99999999999999999999999\\\"]",
            "[",
            "../../x",
            "a\\nb",
            "a.b\\u0000/..",
            "n".repeat(1001),
            "after",
            "id",
            "x".repeat(70_000));

    /** What a schema block says of a column. */
    private static final List<byte[]> TYPES = quoted(
            "int8",
            "int16",
            "int32",
            "int64",
            "float",
            "double",
            "boolean",
            "string",
            "bytes",
            "struct",
            "array",
            "io.debezium.data.Json",
            "io.debezium.data.Uuid",
            "io.debezium.time.Date",
            "io.debezium.time.Time",
            "io.debezium.time.MicroTime",
            "io.debezium.time.NanoTime",
            "io.debezium.time.Timestamp",
            "io.debezium.time.MicroTimestamp",
            "io.debezium.time.NanoTimestamp",
            "io.debezium.time.IsoTimestamp",
            "io.debezium.time.ZonedTimestamp",
            "org.apache.kafka.connect.data.Decimal");

    private static final List<byte[]> OTHERS = latin(
            "null",
            "true",
            "false",
            "{}",
            "[]",
            "[null]",
            "{\"a\":1}",
            "[[],{\"a\":[1,\"\\u00e9\"]}]",
            "nul",
            "tru",
            "");

    private final List<RawRecord> corpus;
    private final SplittableRandom random;
    private final StringBuilder did = new StringBuilder();

    Mutator(List<RawRecord> corpus, SplittableRandom random) {
        this.corpus = corpus;
        this.random = random;
    }

    /** What was done to the last record. */
    String did() {
        return did.toString();
    }

    /** A mutant; the record itself stays as it is. */
    RawRecord mutant(RawRecord event) {
        did.setLength(0);
        RawRecord mutant = new RawRecord()
                .set(event.topic, event.partition, event.offset, event.timestamp, event.key, event.value);
        mutant.headers = random.nextInt(20) == 0
                ? List.of(new RawRecord.Header("__debezium.oldkey", any().key))::iterator
                : event.headers;
        switch (random.nextInt(24)) {
            case 0 -> {
                did("key of another");
                mutant.key = any().key;
            }
            case 1 -> {
                did("key and value swapped");
                mutant.key = event.value;
                mutant.value = event.key;
            }
            case 2 -> {
                did("topic of another");
                mutant.topic = any().topic;
            }
            case 3, 4 -> {
                if (mutant.key != null) {
                    mutant.key = mutated(mutant.key, any().key);
                }
            }
            default -> {
                if (mutant.value != null) {
                    mutant.value = mutated(mutant.value, any().value);
                }
            }
        }
        return mutant;
    }

    private RawRecord any() {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] mutated(byte[] original, byte[] other) {
        byte[] bytes = original;
        int times = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
        for (int i = 0; i < times && bytes.length > 0; i++) {
            bytes = random.nextInt(4) == 0 ? byBytes(bytes, other) : byField(bytes, other);
        }
        return bytes;
    }

    private byte[] byBytes(byte[] bytes, byte[] other) {
        int at = place(bytes);
        return switch (random.nextInt(9)) {
            case 0 -> {
                did("bit at " + at);
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                yield flipped;
            }
            case 1 -> {
                did("byte at " + at);
                byte[] set = bytes.clone();
                set[at] = (byte) random.nextInt(256);
                yield set;
            }
            case 2 -> {
                did("punctuation over " + at);
                byte[] set = bytes.clone();
                set[at] = one(PUNCTUATION);
                yield set;
            }
            case 3 -> {
                did("punctuation into " + at);
                yield spliced(bytes, at, at, new byte[] {one(PUNCTUATION)});
            }
            case 4 -> {
                did("cut from " + at);
                yield spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(30)), new byte[0]);
            }
            case 5 -> {
                did("end at " + at);
                yield Arrays.copyOf(bytes, at);
            }
            case 6 -> {
                did("range again at " + at);
                int start = place(bytes);
                yield spliced(
                        bytes,
                        at,
                        at,
                        Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + random.nextInt(90))));
            }
            case 7 -> {
                did("another's end from " + at);
                byte[] tail = other == null || other.length == 0 ? bytes : other;
                int from = random.nextBoolean() ? place(tail) : Math.min(at, tail.length);
                yield spliced(bytes, at, bytes.length, Arrays.copyOfRange(tail, from, tail.length));
            }
            default -> {
                did("string into " + at);
                yield spliced(bytes, at, at, one(STRINGS));
            }
        };
    }

    private byte[] byField(byte[] bytes, byte[] other) {
        List<Member> members = Member.of(bytes);
        if (members.isEmpty()) {
            return byBytes(bytes, other);
        }
        Member member = member(bytes, members);
        did(member.nameIn(bytes) + "@" + member.name());
        byte first = bytes[member.value()];
        return switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> {
                boolean text = first == '"' ^ random.nextInt(5) == 0;
                boolean type = text && random.nextInt(5) == 0;
                yield valued(bytes, member, one(type ? TYPES : text ? STRINGS : NUMBERS));
            }
            case 4 -> valued(bytes, member, one(OTHERS));
            case 5 -> valued(bytes, member, OTHERS.get(0));
            case 6 -> dropped(bytes, member);
            case 7, 8 -> {
                Member sibling = sibling(member, members);
                yield swapped(bytes, member, sibling);
            }
            case 9 -> {
                did("twice");
                yield spliced(
                        bytes,
                        member.end(),
                        member.end(),
                        joined(new byte[] {','}, Arrays.copyOfRange(bytes, member.name(), member.end())));
            }
            case 10 -> {
                did("twice with another value");
                Member donor = members.get(random.nextInt(members.size()));
                yield spliced(
                        bytes,
                        member.end(),
                        member.end(),
                        joined(
                                new byte[] {','},
                                Arrays.copyOfRange(bytes, member.name(), member.nameEnd()),
                                new byte[] {':'},
                                Arrays.copyOfRange(bytes, donor.value(), donor.end())));
            }
            case 11 -> {
                did("renamed");
                Member donor = members.get(random.nextInt(members.size()));
                byte[] name = random.nextInt(3) == 0
                        ? one(STRINGS)
                        : Arrays.copyOfRange(bytes, donor.name(), donor.nameEnd());
                yield spliced(bytes, member.name(), member.nameEnd(), name);
            }
            case 12, 13 -> {
                did("value of another field");
                Member donor = members.get(random.nextInt(members.size()));
                yield valued(bytes, member, Arrays.copyOfRange(bytes, donor.value(), donor.end()));
            }
            case 14 -> {
                did("field of another event");
                yield transplanted(bytes, member, other);
            }
            case 15 -> valued(bytes, member, nested());
            default -> retyped(bytes, members);
        };
    }

    /** The fields of the envelope and of rows, more often than those of a schema block, which are many. */
    private Member member(byte[] bytes, List<Member> members) {
        Member member = members.get(random.nextInt(members.size()));
        for (int i = 0; i < 12 && random.nextInt(8) != 0; i++) {
            boolean ofPayload = member.name() >= bytes.length - 900;
            if (ofPayload && (random.nextInt(3) != 0 || ENVELOPE.contains(member.nameIn(bytes)))) {
                break;
            }
            member = members.get(random.nextInt(members.size()));
        }
        return member;
    }

    private Member sibling(Member member, List<Member> members) {
        List<Member> siblings =
                members.stream().filter(m -> m.object() == member.object()).toList();
        return siblings.get(random.nextInt(siblings.size()));
    }

    private byte[] valued(byte[] bytes, Member member, byte[] value) {
        did("= " + (value.length > 60 ? value.length + " bytes" : new String(value, ISO_8859_1)));
        return spliced(bytes, member.value(), member.end(), value);
    }

    private byte[] dropped(byte[] bytes, Member member) {
        did("dropped");
        boolean followed = member.end() < bytes.length && bytes[member.end()] == ',';
        boolean follows = !followed && bytes[member.name() - 1] == ',';
        return spliced(
                bytes,
                follows ? member.name() - 1 : member.name(),
                followed ? member.end() + 1 : member.end(),
                new byte[0]);
    }

    private byte[] swapped(byte[] bytes, Member one, Member other) {
        did("swapped");
        Member first = one.name() <= other.name() ? one : other;
        Member second = first.equals(one) ? other : one;
        if (first.end() > second.name()) {
            return bytes;
        }
        return joined(
                Arrays.copyOf(bytes, first.name()),
                Arrays.copyOfRange(bytes, second.name(), second.end()),
                Arrays.copyOfRange(bytes, first.end(), second.name()),
                Arrays.copyOfRange(bytes, first.name(), first.end()),
                Arrays.copyOfRange(bytes, second.end(), bytes.length));
    }

    /** The field of the same name that another event has, or one of its fields beside this one. */
    private byte[] transplanted(byte[] bytes, Member member, byte[] other) {
        if (other == null) {
            return bytes;
        }
        List<Member> donors = Member.of(other);
        if (donors.isEmpty()) {
            return bytes;
        }
        String name = member.nameIn(bytes);
        for (Member donor : donors) {
            if (donor.nameIn(other).equals(name)) {
                return spliced(
                        bytes, member.value(), member.end(), Arrays.copyOfRange(other, donor.value(), donor.end()));
            }
        }
        Member donor = donors.get(random.nextInt(donors.size()));
        return spliced(
                bytes,
                member.name(),
                member.name(),
                joined(Arrays.copyOfRange(other, donor.name(), donor.end()), new byte[] {','}));
    }

    /** A column of the schema block becomes of another type, and its value one that may not be of it. */
    private byte[] retyped(byte[] bytes, List<Member> members) {
        List<Member> columns =
                members.stream().filter(m -> m.nameIn(bytes).equals("field")).toList();
        List<Member> payload = members.stream()
                .filter(m -> m.nameIn(bytes).equals("after") || m.nameIn(bytes).equals("before"))
                .filter(m -> bytes[m.value()] == '{')
                .toList();
        if (columns.isEmpty() || payload.isEmpty()) {
            return bytes;
        }
        int row = payload.get(random.nextInt(payload.size())).value();
        List<Member> values = members.stream().filter(m -> m.object() == row).toList();
        if (values.isEmpty()) {
            return bytes;
        }
        Member value = values.get(random.nextInt(values.size()));
        // a schema block has each column twice, for before and for after, ahead of the payload
        List<Member> itsColumns = columns.stream()
                .filter(m -> m.end() < value.name()
                        && Arrays.equals(bytes, value.name(), value.nameEnd(), bytes, m.value(), m.end()))
                .toList();
        if (itsColumns.isEmpty()) {
            return bytes;
        }
        byte[] bent = bytes;
        if (random.nextInt(3) != 0) {
            bent = valued(bytes, value, one(random.nextInt(3) == 0 ? STRINGS : NUMBERS));
        }
        return typed(bent, itsColumns.get(random.nextInt(itsColumns.size())), members);
    }

    private byte[] typed(byte[] bytes, Member column, List<Member> members) {
        List<Member> types = members.stream()
                .filter(m -> m.object() == column.object()
                        && m.end() < column.name()
                        && Set.of("type", "name").contains(m.nameIn(bytes)))
                .toList();
        byte[] type = one(TYPES);
        if (types.isEmpty() || random.nextInt(3) == 0) {
            return spliced(
                    bytes, column.name(), column.name(), joined("\"name\":".getBytes(UTF_8), type, new byte[] {','}));
        }
        return valued(bytes, types.get(random.nextInt(types.size())), type);
    }

    private byte[] nested() {
        int depth = random.nextInt(40) == 0 ? 20_000 : 1 + random.nextInt(200);
        String open = random.nextBoolean() ? "[" : "{\"a\":";
        String close = open.equals("[") ? "]" : "}";
        return (open.repeat(depth) + "1" + close.repeat(random.nextInt(4) == 0 ? depth - 1 : depth)).getBytes(UTF_8);
    }

    /** Most of a record is its schema block: the payload as often. */
    private int place(byte[] bytes) {
        int from = random.nextBoolean() ? Math.max(0, bytes.length - 800) : 0;
        return from + random.nextInt(bytes.length - from);
    }

    private byte[] one(List<byte[]> of) {
        return of.get(random.nextInt(of.size()));
    }

    private byte one(byte[] of) {
        return of[random.nextInt(of.length)];
    }

    private void did(String what) {
        did.append(did.isEmpty() ? "" : ", ").append(what);
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
        byte[] result = new byte[bytes.length - (to - from) + middle.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(middle, 0, result, from, middle.length);
        System.arraycopy(bytes, to, result, from + middle.length, bytes.length - to);
        return result;
    }

    private static byte[] joined(byte[]... parts) {
        byte[] result =
                new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, result, at, part.length);
            at += part.length;
        }
        return result;
    }

    private static List<byte[]> quoted(String... texts) {
        return Arrays.stream(texts)
                .map(text -> ('"' + text + '"').getBytes(ISO_8859_1))
                .toList();
    }

    private static List<byte[]> latin(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(ISO_8859_1)).toList();
    }
}
