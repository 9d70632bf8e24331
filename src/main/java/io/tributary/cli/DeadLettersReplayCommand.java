package io.tributary.cli;

import io.delta.kernel.exceptions.KernelException;
import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.decode.Decoder;
import io.tributary.flow.ConfigException;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeReader;
import io.tributary.lake.LakeSettings;
import io.tributary.source.RecordedFormat;
import io.tributary.source.ReplayTopic;
import io.tributary.source.TopicReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Offers dead letters to the job again, as they are or repaired. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Offers dead letters to the running job again, at their old places, and says what became of each:"
                + " applied where its key has not changed since, else superseded. Exit 1 if not all are applied.")
final class DeadLettersReplayCommand implements Callable<Integer> {
    private static final String SUPERSEDED = "superseded";
    private static final String TOO_EARLY = "too-early";
    /** Of what Kafka had deleted, or a connector lost, there is nothing to offer. */
    private static final Set<String> NOTHING_TO_OFFER = Set.of("gap", "half-key-change");

    /** Letters of these reasons have left a mark under their key. */
    private static final Set<String> KEY_WAS_READ = Set.of("rule", "unsent", DeadLetters.LATE, "value", "out-of-range");

    private static final Duration POLL = Duration.ofSeconds(1);

    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Mixin
    private LetterSelection selection = new LetterSelection();

    @Option(
            names = "--patch",
            paramLabel = "FILE",
            description = "recorded events that take the place of the letters at theirs, and only those"
                    + " (start from list --records)")
    private @Nullable Path patch;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "how long for the job's answers (60s)",
            converter = DurationConverter.class)
    private Duration wait = Duration.ofSeconds(60);

    /** What became of letters, by their place. */
    private final Map<String, String> answers = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PipelineConfig config = options.read();
        LakeSettings lake = LetterSelection.lake(config);
        if (config.source().file() != null) {
            throw new ConfigException("'source.bootstrap' must be set: what is in a recorded file is mended there");
        }
        Set<String> rejectedFiles = new HashSet<>();
        Map<String, DeadLetter> letters = letters(lake, rejectedFiles);
        if (letters.isEmpty()) {
            System.out.println("no dead letters" + selection + (patch == null ? " to offer again" : ""));
            return 0;
        }
        Map<String, RawRecord> repaired = patch == null ? Map.of() : repaired(patch, letters);
        if (patch != null) {
            letters.keySet().retainAll(repaired.keySet());
        }
        int all = letters.size();

        LakeReader reader = new LakeReader(lake.uri());
        Map<TableName, Set<String>> histories = new HashMap<>();
        letters.values().forEach(letter -> histories.put(letter.tableName(), new HashSet<>()));
        look(reader, histories, letters.keySet(), "applied already");
        letters.keySet().removeAll(answers.keySet());

        List<ReplayTopic.Offer> offers = offers(config, letters, repaired, histories);
        Set<String> waiting =
                offers.stream().map(offer -> offer.record().place()).collect(Collectors.toSet());
        if (!offers.isEmpty()) {
            ReplayTopic.send(config.kafka(), offers);
            Tributary.say("offered %,d dead letters; waiting for the job's answers, which come with its checkpoints"
                    .formatted(offers.size()));
            await(lake, reader, histories, rejectedFiles, waiting);
        }
        return result(all, waiting);
    }

    /** Those selected, by place; without a patch, not those that were superseded before. */
    private Map<String, DeadLetter> letters(LakeSettings lake, Set<String> files) {
        Map<String, DeadLetter> letters = new LinkedHashMap<>();
        Set<String> superseded = new HashSet<>();
        LetterSelection.read(lake, files, row -> {
            if (SUPERSEDED.equals(row.get("reason"))) {
                superseded.add(DeadLetter.of(row).place());
            }
            if (selection.selects(row) && !NOTHING_TO_OFFER.contains(String.valueOf(row.get("reason")))) {
                DeadLetter letter = DeadLetter.of(row);
                // that one has the bytes that were offered; the one before it, those that were broken
                letters.merge(letter.place(), letter, (one, other) -> TOO_EARLY.equals(one.reason()) ? one : other);
            }
        });
        if (patch == null) {
            letters.keySet().removeAll(superseded);
        }
        return letters;
    }

    private List<ReplayTopic.Offer> offers(
            PipelineConfig config,
            Map<String, DeadLetter> letters,
            Map<String, RawRecord> repaired,
            Map<TableName, Set<String>> histories)
            throws IOException {
        TopicReader topics =
                new TopicReader(config.kafka().bootstrap(), config.kafka().properties(), Tributary::say);
        Decoder decoder = new Decoder(config.decodeSettings());
        KeyScan scan = new KeyScan(config.decodeSettings());
        Map<String, RawRecord> records = new LinkedHashMap<>();
        for (DeadLetter letter : letters.values()) {
            RawRecord record = letter.isHidden()
                    ? readAgain(letter, topics, decoder)
                    : repaired.getOrDefault(letter.place(), letter.record());
            if (record != null) {
                records.put(letter.place(), record);
                scan.add(KEY_WAS_READ.contains(letter.reason()), record);
            }
        }
        scan.read(topics);
        List<ReplayTopic.Offer> offers = new ArrayList<>();
        records.forEach((place, record) -> {
            if (!scan.changedAt(place).isEmpty()) {
                answer(place, SUPERSEDED + ": its key changed at " + scan.changedAt(place));
                return;
            }
            TableName table = scan.table(place);
            if (table != null) {
                histories.computeIfAbsent(table, t -> new HashSet<>());
            }
            boolean isHidden = Objects.requireNonNull(letters.get(place)).isHidden();
            offers.add(new ReplayTopic.Offer(record, isHidden, scan.unchangedTo(place)));
        });
        offers.sort(Comparator.<ReplayTopic.Offer, String>comparing(offer -> offer.record().topic)
                .thenComparingInt(offer -> offer.record().partition)
                .thenComparingLong(offer -> offer.record().offset));
        return offers;
    }

    private Map<String, RawRecord> repaired(Path file, Map<String, DeadLetter> letters) {
        if (!Files.isReadable(file)) {
            throw new ConfigException("'--patch' must name a file of recorded events, got " + file);
        }
        Map<String, RawRecord> repaired = new LinkedHashMap<>();
        try {
            RecordedFormat.read(file, record -> {
                DeadLetter letter = letters.get(record.place());
                if (letter == null) {
                    throw new ConfigException("'--patch' " + file + ": " + record.place()
                            + " is the place of no dead letter" + selection);
                }
                if (letter.isHidden()) {
                    throw new ConfigException(
                            "'--patch' " + file + ": " + record.place() + " is of " + letter.table()
                                    + ", whose records have columns that must not be stored: mend it at the source, or replay it as it is");
                }
                if (record.timestamp == 0) {
                    record.timestamp = letter.record().timestamp;
                }
                repaired.put(record.place(), record);
            });
        } catch (IOException e) {
            throw new ConfigException("'--patch' " + e.getMessage()); // it names the file
        }
        return repaired;
    }

    /** The record of a letter that has no bytes; null where it is no longer there, which then is its answer. */
    private @Nullable RawRecord readAgain(DeadLetter letter, TopicReader topics, Decoder decoder) throws IOException {
        RawRecord place = letter.record();
        RawRecord record = topics.fetch(place.topic, place.partition, place.offset);
        if (record == null) {
            answer(letter.place(), "gone: the topic no longer has its record, nor the letter its bytes");
            return null;
        }
        if (letter.hmac() != null
                && !letter.hmac().equals(decoder.hmac(record.value == null ? new byte[0] : record.value))) {
            answer(letter.place(), "gone: another record is at its place, or 'privacy.secret' is another");
            return null;
        }
        return record;
    }

    private void answer(String place, String what) {
        if (answers.putIfAbsent(place, what) == null) {
            System.out.println(Printable.of(place + " " + what));
        }
    }

    /** Looks for the places among what came to the tables since the last look. */
    private void look(LakeReader reader, Map<TableName, Set<String>> histories, Set<String> waiting, String what) {
        try {
            for (Map.Entry<TableName, Set<String>> history : histories.entrySet()) {
                if (reader.has(history.getKey())) {
                    reader.forEach(history.getKey(), history.getValue(), row -> {
                        String place =
                                "[" + row.get("_topic") + "-" + row.get("_partition") + "@" + row.get("_offset") + "]";
                        if (waiting.contains(place)) {
                            answer(place, what);
                        }
                    });
                }
            }
        } catch (IOException | UncheckedIOException | KernelException e) {
            throw new UnreachableException("cannot read the lake: " + e.getMessage());
        }
    }

    private void await(
            LakeSettings lake,
            LakeReader reader,
            Map<TableName, Set<String>> histories,
            Set<String> rejectedFiles,
            Set<String> waiting)
            throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        while (!answers.keySet().containsAll(waiting) && System.nanoTime() < end) {
            Thread.sleep(POLL.toMillis());
            look(reader, histories, waiting, "applied");
            LetterSelection.read(lake, rejectedFiles, row -> {
                DeadLetter letter = DeadLetter.of(row);
                if (waiting.contains(letter.place())) {
                    answer(
                            letter.place(),
                            (letter.reason().equals(SUPERSEDED) ? "" : "rejected again, ") + letter.reason() + ": "
                                    + (letter.detail().startsWith(letter.place())
                                            ? letter.detail()
                                                    .substring(letter.place().length())
                                                    .strip()
                                            : letter.detail()));
                }
            });
        }
    }

    private int result(int all, Set<String> waiting) {
        Map<String, Long> counts = new TreeMap<>();
        answers.values().forEach(what -> counts.merge(what.replaceAll("[:,].*", ""), 1L, Long::sum));
        long silent =
                waiting.stream().filter(place -> !answers.containsKey(place)).count();
        System.out.println("%,d dead letters: %s"
                .formatted(
                        all,
                        counts.entrySet().stream()
                                .map(count -> "%s %,d".formatted(count.getKey(), count.getValue()))
                                .collect(Collectors.joining(", "))));
        if (silent > 0) {
            throw new UnreachableException(
                    "no answer within %,d s to %,d dead letters: they stay offered; is the job running, and do its checkpoints complete?"
                            .formatted(wait.toSeconds(), silent));
        }
        return answers.values().stream().allMatch(what -> what.startsWith("applied")) ? 0 : Tributary.NO;
    }
}
