package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Pure
class PrintableTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static String[][] texts() {
        return new String[][] {
            {"plain 1.5 'é' 雪 😀", "plain 1.5 'é' 雪 😀"},
            {"\033[2Jgone", "\\u001b[2Jgone"},
            {"\033]0;title\007", "\\u001b]0;title\\u0007"},
            {"a\rb", "a\\rb"},
            {"a\tb", "a\\tb"},
            {"\u009b31m", "\\u009b31m"},
            {"\177", "\\u007f"},
            {"\0", "\\u0000"},
            {"user\u202egnp.exe", "user\\u202egnp.exe"},
            {"\u2066\u2069", "\\u2066\\u2069"},
            {"a\u2028b", "a\\u2028b"},
            {"\ud83d", "\\ud83d"},
            {"\ude00x", "\\ude00x"},
        };
    }

    @ParameterizedTest
    @MethodSource("texts")
    void whatWouldActIsText(String text, String shown) {
        assertThat(Printable.of(text)).isEqualTo(shown);
    }

    @Test
    void linesOfItsOwnStay() {
        assertThat(Printable.lines("{\n  \"a\u001b\"\n}")).isEqualTo("{\n  \"a\\u001b\"\n}");
        assertThat(Printable.of("a\nb")).isEqualTo("a\\nb");
    }

    @Property
    void jsonStaysTheSame(
            @ForAll
                    @StringLength(max = 40)
                    @CharRange(from = '\u0000', to = '\u00ff')
                    @CharRange(from = '\u2000', to = '\u2070')
                    String text)
            throws JsonProcessingException {
        String shown = Printable.of(JSON.writeValueAsString(text));

        assertThat(JSON.readValue(shown, String.class)).isEqualTo(text);
        assertThat(shown.chars()).noneMatch(c -> c < ' ' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e);
    }

    /** A log is read on a terminal, too. */
    @Test
    void theLogsLayoutLeavesNothingThatActs() {
        try (LoggerContext context = Configurator.initialize("printable", "src/main/resources/log4j2.xml")) {
            String line = context.getConfiguration()
                    .getAppender("file")
                    .getLayout()
                    .toSerializable(Log4jLogEvent.newBuilder()
                            .setLevel(Level.WARN)
                            .setLoggerName("x")
                            .setMessage(new SimpleMessage("cannot \u001b[2J\u0007 read\u009b"))
                            .setThrown(new IllegalStateException("row \u001b]0;x\u0007"))
                            .build())
                    .toString();

            assertThat(line)
                    .contains("cannot ?[2J? read?\n", "IllegalStateException: row ?]0;x?\n\tat ")
                    .doesNotContain("\u001b", "\u0007", "\u009b");
            assertThat(line.split("IllegalStateException", -1)).as("told once").hasSize(2);
        }
    }
}
