package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.flow.MetricName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reference/metrics.md says which metrics there are, and dashboards and rules name no others. */
@Pure
final class MetricNamesTest {
    private static final String WRITE = "metrics.write";
    private static final Pattern NAME = Pattern.compile("\\bcdc_\\w+");
    private static final Path HOME = Path.of(System.getProperty("tributary.home", "."));

    @Test
    void theTableInTheDocsIsWhatTheJobRegisters() throws Exception {
        String table = table();
        Path file = HOME.resolve("docs/reference/metrics.md");
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(file, table);
        }
        assertThat(file)
                .as("written by: mvn test -Dtest=MetricNamesTest -D%s=true", WRITE)
                .hasContent(table);
    }

    @Test
    void dashboardsAndRulesNameWhatThereIs() throws Exception {
        List<Pattern> known = Arrays.stream(MetricName.values())
                .map(metric -> Pattern.compile(metric.template()
                        .replace("<to>", "[a-z]{3}")
                        .replace("<name>", "(euro|[a-z]{3})")
                        .replace("<label>", "\\w+")))
                .toList();
        Set<String> unknown = new TreeSet<>();
        Set<String> used = new TreeSet<>();
        for (Path file : shipped()) {
            Matcher matcher = NAME.matcher(Files.readString(file));
            while (matcher.find()) {
                String name = matcher.group();
                used.add(name);
                // the names of recorded series, such as city:cdc_amount_eur:avg, are no metric's
                boolean recorded = Files.readString(file).contains(":" + name + ":");
                if (!recorded
                        && known.stream().noneMatch(each -> each.matcher(name).matches())) {
                    unknown.add(HOME.relativize(file) + ": " + name);
                }
            }
        }
        assertThat(unknown).as("metrics that do not exist").isEmpty();
        assertThat(used).as("found any").hasSizeGreaterThan(15);
    }

    private static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.walk(HOME.resolve("dashboards"))) {
            // the scrape configuration has patterns of names
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("prometheus.yml"))
                    .toList();
        }
    }

    private static String table() {
        StringBuilder out = new StringBuilder("""
                # Metrics

                Made from `MetricName` by `MetricNamesTest`; do not edit. The names and labels are those that `dashboards/prometheus.yml`
                makes of what Flink's reporter shows; each has the label `pipeline` too. In names, `<to>` is the currency of the metric in
                the pipeline file (`eur`), `<name>` the same (`euro` for EUR), `<label>` its first label, `<labels>` its others;
                `merchant_name` is shortened to `merchant`. Totals are those of the newest complete checkpoint: exact, and never counted twice.

                | metric | labels | kind | what |
                |---|---|---|---|
                """);
        for (MetricName metric : MetricName.values()) {
            out.append("| `")
                    .append(metric.template())
                    .append("` | ")
                    .append(metric.labels().stream()
                            .map(label -> "`" + label + "`")
                            .collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(metric.type())
                    .append(" | ")
                    .append(metric.help())
                    .append(" |\n");
        }
        return out.toString();
    }
}
