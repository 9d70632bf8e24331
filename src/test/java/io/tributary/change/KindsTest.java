package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever adds a kind of column is told by the compiler where it is to be thought of: no switch over them swallows it. */
@Pure
class KindsTest {
    private static final Pattern SWITCH = Pattern.compile("switch \\([^{]*\\) \\{");
    private static final Pattern CASE = Pattern.compile("case ([A-Z0-9_, \\n]+?) ?(?:->|:)");
    /** Text blocks, texts and characters, which may have braces in them. */
    private static final Pattern LITERAL =
            Pattern.compile("(?s)\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*+\"|'(?:\\\\.|[^'\\\\])'");
    /** No other enum has one of these; letters of the name may stand for values. */
    private static final List<String> KINDS = Arrays.stream(ColumnType.Kind.values())
            .map(Enum::name)
            .filter(name -> name.matches("INT\\d+|FLOAT\\d+|DECIMAL|TIMESTAMP|TIMESTAMPTZ"))
            .toList();

    @Test
    void noSwitchOverKindsHasADefault() throws IOException {
        List<String> found = new ArrayList<>();
        int switches = 0;
        for (Path file : Sources.main()) {
            String source = LITERAL.matcher(Files.readString(file)).replaceAll("\"\"");
            Matcher matcher = SWITCH.matcher(source);
            while (matcher.find()) {
                if (matcher.group().contains("charAt(")) {
                    continue;
                }
                String own = ownLevel(source, matcher.end());
                if (isOverKinds(own)) {
                    switches++;
                    if (own.contains("default ->") || own.contains("default:")) {
                        found.add(file.getFileName() + ":"
                                + source.substring(0, matcher.start()).lines().count());
                    }
                }
            }
        }
        assertThat(switches).as("switches over kinds").isGreaterThan(35);
        assertThat(found).isEmpty();
    }

    private static boolean isOverKinds(String own) {
        Matcher labels = CASE.matcher(own);
        while (labels.find()) {
            if (Arrays.stream(labels.group(1).split("[,\\s]+")).anyMatch(KINDS::contains)) {
                return true;
            }
        }
        return false;
    }

    /** Of a block what stands in it, without the blocks in it. */
    private static String ownLevel(String source, int from) {
        StringBuilder own = new StringBuilder();
        int depth = 1;
        for (int i = from; depth > 0; i++) {
            char c = source.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 1) {
                own.append(c);
            }
        }
        return own.toString();
    }
}
