package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class ColumnTypeTest {
    @ParameterizedTest
    @EnumSource(value = ColumnType.Kind.class, names = "DECIMAL", mode = EnumSource.Mode.EXCLUDE)
    void aTypeIsReadAsItIsSpelled(ColumnType.Kind kind) {
        ColumnType type = new ColumnType(kind, 0, 0);
        assertThat(ColumnType.parse(type.toString())).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    decimal(12,2)   | decimal(12,2)
                    decimal(1, 0)   | decimal(1,0)
                    DECIMAL(38,38)  | decimal(38,38)
                    ` timestamptz ` | timestamptz
                    Int64           | int64
                    """)
    void caseAndBlanksDoNotMatter(String text, String type) {
        assertThat(ColumnType.parse(text)).hasToString(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "numeric", "decimal", "decimal()", "decimal(12)", "decimal(-1,0)", "decimal(100,2)", "int 32"
            })
    void whatIsNoTypeIsRefused(String text) {
        assertThatThrownBy(() -> ColumnType.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no type '" + text + "'; there are boolean, int16, int32, int64, float32, float64,"
                        + " decimal(p,s), text, json, bytes, date, time, timestamp, timestamptz, any");
    }

    @ParameterizedTest
    @ValueSource(strings = {"decimal(0,0)", "decimal(39,2)", "decimal(5,6)"})
    void aDecimalOutOfRangeIsRefused(String text) {
        assertThatThrownBy(() -> ColumnType.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text + " is not between decimal(1,0) and decimal(38,38)");
    }

    @Test
    void aDecimalOfEighteenDigitsIsHeldAsALong() {
        assertThat(ColumnType.decimal(18, 18).fitsLong()).isTrue();
        assertThat(ColumnType.decimal(18, 18).isVariable()).isFalse();
        assertThat(ColumnType.decimal(19, 0).fitsLong()).isFalse();
        assertThat(ColumnType.decimal(19, 0).isVariable()).isTrue();
    }
}
