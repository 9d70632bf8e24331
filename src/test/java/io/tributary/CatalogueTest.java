package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Every row of the catalogue has a test, and docs/reference/coverage.md says what the tests show. */
@Pure
final class CatalogueTest {
    private static final String WRITE = "coverage.write";

    /** What the tests of one row show. */
    private static final class Row {
        final Map<Covers.Form, Set<Covers.How>> forms = new EnumMap<>(Covers.Form.class);
        final Set<String> classes = new TreeSet<>();

        void add(Covers covers, Class<?> by) {
            for (Covers.Form form : covers.forms()) {
                forms.computeIfAbsent(form, f -> EnumSet.noneOf(Covers.How.class))
                        .add(covers.how());
            }
            classes.add(by.getSimpleName());
        }
    }

    @Test
    void everyRowHasATestAndEveryTestARow() throws Exception {
        Map<String, String> catalogue = catalogue();
        Map<String, Row> covered = covered();
        assertThat(covered.keySet()).as("rows that catalogue.txt does not have").isSubsetOf(catalogue.keySet());
        assertThat(catalogue.keySet()).as("rows without a test").isSubsetOf(covered.keySet());
    }

    @Test
    void theTableInTheDocsIsWhatTheTestsShow() throws Exception {
        String table = table(catalogue(), covered());
        Path file = Path.of(System.getProperty("tributary.home", "."), "docs", "reference", "coverage.md");
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(file, table);
        }
        assertThat(file)
                .as("written by: mvn test -Dtest=CatalogueTest -D%s=true", WRITE)
                .hasContent(table);
    }

    /** By name, what is on the wire. */
    private static Map<String, String> catalogue() throws IOException, URISyntaxException {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(root().resolve("catalogue.txt"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split("\\|", 2);
                assertThat(rows.put(parts[0].strip(), parts[1].strip()))
                        .as(line)
                        .isNull();
            }
        }
        return rows;
    }

    private static Map<String, Row> covered() throws Exception {
        Map<String, Row> rows = new TreeMap<>();
        for (Class<?> type : testClasses()) {
            for (Method method : type.getDeclaredMethods()) {
                for (Covers covers : method.getAnnotationsByType(Covers.class)) {
                    assertThat(AnnotationSupport.isAnnotated(method, Testable.class)
                                    && !AnnotationSupport.isAnnotated(method, Disabled.class))
                            .as("%s runs as a test", method)
                            .isTrue();
                    rows.computeIfAbsent(covers.row(), row -> new Row()).add(covers, type);
                }
            }
        }
        return rows;
    }

    private static List<Class<?>> testClasses() throws Exception {
        List<String> names = new ArrayList<>();
        Path root = root();
        try (Stream<Path> files = Files.walk(root.resolve("io"))) {
            files.map(root::relativize)
                    .map(Path::toString)
                    .filter(name -> name.endsWith("Test.class"))
                    .forEach(name -> names.add(name.substring(0, name.length() - 6)
                            .replace(root.getFileSystem().getSeparator(), ".")));
        }
        names.sort(null);
        List<Class<?>> classes = new ArrayList<>();
        for (String name : names) {
            classes.add(Class.forName(name, false, CatalogueTest.class.getClassLoader()));
        }
        return classes;
    }

    private static Path root() throws URISyntaxException {
        return Path.of(CatalogueTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static String table(Map<String, String> catalogue, Map<String, Row> covered) {
        StringBuilder out = new StringBuilder("""
                # What arrives, and what becomes of it

                Made from the tests (`@Covers`) by `CatalogueTest`; do not edit. **exact**: what the source has is what the sinks get.
                **policy**: a setting or a documented rule decides. **refused**: a dead letter that names its reason.
                **undecidable**: nothing on the wire tells it, and [KNOWN_LIMITS](../../KNOWN_LIMITS.md) says what it is taken for. A dot: the form
                has no such case, or nothing of its own to it.

                """);
        out.append("| case | on the wire |");
        for (Covers.Form form : Covers.Form.values()) {
            out.append(' ').append(form.title()).append(" |");
        }
        out.append(" tests |\n|---|---|")
                .append("---|".repeat(Covers.Form.values().length + 1))
                .append('\n');
        catalogue.forEach((name, wire) -> {
            Row row = covered.getOrDefault(name, new Row());
            out.append("| ").append(name).append(" | ").append(wire).append(" |");
            for (Covers.Form form : Covers.Form.values()) {
                Set<Covers.How> hows = row.forms.getOrDefault(form, EnumSet.noneOf(Covers.How.class));
                out.append(' ').append(hows.isEmpty() ? "·" : spelled(hows)).append(" |");
            }
            out.append(' ').append(String.join(", ", row.classes)).append(" |\n");
        });
        return out.toString();
    }

    private static String spelled(Set<Covers.How> hows) {
        return Arrays.stream(Covers.How.values())
                .filter(hows::contains)
                .map(how -> how.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }
}
