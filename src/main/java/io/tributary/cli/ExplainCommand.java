package io.tributary.cli;

import io.delta.kernel.exceptions.KernelException;
import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.config.PipelineConfig;
import io.tributary.explain.Explainer;
import io.tributary.explain.LakeHistory;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeReader;
import io.tributary.lake.LakeSettings;
import io.tributary.local.ObjectStores;
import io.tributary.source.KafkaProbe;
import io.tributary.source.KafkaSettings;
import io.tributary.source.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells what became of one key's events. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Prints every event of one key in order: time, place, what was decided and why, the change. Reads the"
                        + " pipeline's source, and the lake's history where the topic no longer reaches. Exit 1 if there is none.")
final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Parameters(index = "0", paramLabel = "TABLE", description = "for example public.orders")
    private String table = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "7, or a=7,b=x, or a JSON object")
    private String key = "";

    @Override
    public Integer call() throws IOException {
        // without a demo, reading says what is missing
        PipelineConfig config =
                options.given() ? options.read() : RunningStack.pipeline().orElseGet(options::read);
        ObjectStores.openFor(config.lake());
        Explainer explainer = new Explainer(config.decodeSettings(), config.changelogSettings(), table, key);
        String file = config.source().file();
        KafkaSettings kafka = file == null ? topics(config.kafka()) : config.kafka();
        while (explainer.begin()) {
            if (file == null) {
                Sources.read(kafka, Tributary::say, explainer::read);
            } else {
                Sources.readFiles(file, explainer::read);
            }
        }
        long events = explainer.tell(history(explainer, config.lake()), line -> System.out.println(Printable.of(line)));
        if (events == 0) {
            Tributary.say("no event of " + table + " has the key " + key);
        }
        return events == 0 ? Tributary.NO : 0;
    }

    /** The table's topic alone, where topics are called prefix.schema.table and one is of it; else all. */
    private KafkaSettings topics(KafkaSettings kafka) {
        Collection<String> all = KafkaProbe.open(kafka).topics();
        List<String> own = all.stream()
                .filter(name -> name.substring(name.indexOf('.') + 1).equals(table))
                .toList();
        boolean areTables = all.stream().allMatch(name -> name.split("\\.", -1).length == 3);
        return own.isEmpty() || !areTables
                ? kafka
                : kafka.of(own.stream().map(Pattern::quote).collect(Collectors.joining("|")));
    }

    private static List<LakeHistory.Row> history(Explainer explainer, @Nullable LakeSettings lake) {
        try {
            return lake == null ? List.of() : LakeHistory.of(explainer, new LakeReader(lake.uri()));
        } catch (IOException | UncheckedIOException | KernelException e) {
            throw new UnreachableException("cannot read the lake at 'sinks.lake.path' "
                    + (lake == null ? "" : lake.path()) + ": " + e.getMessage());
        }
    }
}
