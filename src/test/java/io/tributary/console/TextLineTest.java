package io.tributary.console;

import static io.tributary.console.Lines.change;
import static io.tributary.console.Lines.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Operation;
import org.junit.jupiter.api.Test;

@Pure
final class TextLineTest {
    private static String line(Change change) {
        return new TextLine().of(change);
    }

    @Test
    void aNewRowShowsItsKeyAndItsValues() {
        assertThat(line(change(Operation.CREATE, null, row(7, "Oslo", 1000L, 1_709_208_000_500_000L))))
                .isEqualTo("c public.orders id=7 city: Oslo, amount: 10.00, at: 2024-02-29 12:00:00.5+00");
    }

    @Test
    void nullsOfANewRowAreLeftOut() {
        assertThat(line(change(Operation.READ, null, row(7, null, null, null)))).isEqualTo("r public.orders id=7");
    }

    @Test
    void anUpdateShowsWhatChanged() {
        assertThat(line(change(Operation.UPDATE, row(7, "Oslo", 1000L, 0L), row(7, "Rome", 1250L, 0L))))
                .isEqualTo("u public.orders id=7 city: Oslo → Rome, amount: 10.00 → 12.50");
    }

    @Test
    void anUpdateShowsNullsThatCameOrWent() {
        assertThat(line(change(Operation.UPDATE, row(7, null, 1000L, null), row(7, "Rome", null, null))))
                .isEqualTo("u public.orders id=7 city: null → Rome, amount: 10.00 → null");
    }

    @Test
    void anUpdateWithoutItsRowBeforeShowsTheWholeRow() {
        assertThat(line(change(Operation.UPDATE, null, row(7, "Rome", -5L, null))))
                .isEqualTo("u public.orders id=7 city: Rome, amount: -0.05");
    }

    @Test
    void aDeleteShowsTheRowThatWent() {
        assertThat(line(change(Operation.DELETE, row(7, "Oslo", 1000L, null), null)))
                .isEqualTo("d public.orders id=7 city: Oslo, amount: 10.00");
    }

    @Test
    void aTruncateSaysSo() {
        assertThat(line(change(Operation.TRUNCATE, null, null))).isEqualTo("t public.orders all rows are gone");
    }

    @Test
    void aLongValueIsCutAndALineStaysOne() {
        assertThat(line(change(Operation.CREATE, null, row(7, "a\nb\r" + "x".repeat(100), null, null))))
                .isEqualTo("c public.orders id=7 city: a\\nb\\r" + "x".repeat(56) + "… (104)");
    }

    @Test
    void theOperationAndTheTableHaveTheOperationsColour() {
        ColouredLine coloured = new ColouredLine(new TextLine());
        assertThat(coloured.of(change(Operation.CREATE, null, row(7, "Oslo", null, null))))
                .isEqualTo("\u001b[32mc public.orders\u001b[0m id=7 city: Oslo");
        assertThat(coloured.of(change(Operation.DELETE, row(7, "Oslo", null, null), null)))
                .startsWith("\u001b[31md public.orders\u001b[0m");
        assertThat(coloured.of(change(Operation.TRUNCATE, null, null)))
                .isEqualTo("\u001b[31mt public.orders\u001b[0m all rows are gone");
    }
}
