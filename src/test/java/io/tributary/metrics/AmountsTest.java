package io.tributary.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.flow.Measure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class AmountsTest {
    private final Measures measures = new Measures();
    private final Amounts amounts = new Amounts(Payment.metric(3), measures);
    private final Totals totals = new Totals(Map.of("payments", Payment.metric(3)));

    private void add(Operation operation, @Nullable Payment before, @Nullable Payment after) {
        amounts.add(Payment.change(operation, before, after));
        measures.drain(totals::add);
    }

    private static Payment euros(String amount, String country, String city) {
        return new Payment(amount, "EUR", country, city);
    }

    @Test
    void aNewRowIsCountedOnceEverywhere() {
        add(Operation.CREATE, null, euros("12.50", "NO", "Oslo"));

        assertThat(Payment.shown(totals))
                .isEqualTo(Map.of(
                        "ARRIVED [NO]", "1 0",
                        "VOLUME [NO]", "1 12.5",
                        "AMOUNT [Oslo]", "1 12.5",
                        "BUCKET [100]", "1 12.5",
                        "CURRENT [Oslo]", "0 12.5"));
    }

    @Test
    void anUpdateMovesTheAmountAndADeleteTakesItAway() {
        Payment first = euros("12.50", "NO", "Oslo");
        Payment moved = euros("200", "SE", "Lund");
        add(Operation.CREATE, null, first);
        add(Operation.UPDATE, first, moved);

        assertThat(Payment.shown(totals))
                .containsEntry("ARRIVED [NO]", "1 0")
                .containsEntry("ARRIVED [SE]", "1 0")
                .containsEntry("AMOUNT [Lund]", "1 200")
                .containsEntry("BUCKET [+Inf]", "1 200")
                .doesNotContainKeys("AMOUNT [Oslo]", "VOLUME [NO]", "BUCKET [100]");

        add(Operation.DELETE, moved, null);

        // what came has come; the newest amount was the newest
        assertThat(Payment.shown(totals).keySet())
                .containsExactly("ARRIVED [NO]", "ARRIVED [SE]", "CURRENT [Lund]", "CURRENT [Oslo]");
    }

    @Test
    void aChangeOfAnotherColumnArrivesNowhere() {
        Payment payment = euros("1", "NO", "Oslo");
        add(Operation.CREATE, null, payment);
        add(Operation.UPDATE, payment, euros("1", "NO", "Bergen"));
        add(Operation.READ, euros("1", "NO", "Bergen"), payment);

        assertThat(Payment.shown(totals)).containsEntry("ARRIVED [NO]", "1 0").containsEntry("AMOUNT [Oslo]", "1 1");
    }

    @Test
    void aRowOfBeforeInItsNewFormHasNotCome() {
        add(Operation.CREATE, null, new Payment("5", "XXX", "NO", "Oslo"));
        add(Operation.CREATE, null, euros("1", "NO", "Oslo"));
        Change delete = Payment.change(Operation.DELETE, euros("1", "NO", "Oslo"), null);
        Change create = Payment.change(Operation.CREATE, null, euros("2", "NO", "Oslo"));
        Change unknown = Payment.change(Operation.CREATE, null, new Payment("5", "XXX", "NO", "Oslo"));
        for (Change synthetic : List.of(delete, create, unknown)) {
            synthetic.snapshot = true;
            amounts.add(synthetic);
        }
        measures.drain(totals::add);

        assertThat(Payment.shown(totals))
                .containsEntry("AMOUNT [Oslo]", "1 2")
                .containsEntry("ARRIVED [NO]", "2 0")
                .containsEntry("CURRENCY [XXX]", "1 0")
                .containsEntry("CURRENT [Oslo]", "0 1");
    }

    @Test
    void aBoundBelongsToItsBucket() {
        add(Operation.CREATE, null, euros("10.00", "NO", "Oslo"));
        add(Operation.CREATE, null, euros("10.001", "NO", "Oslo"));

        assertThat(Payment.shown(totals))
                .containsEntry("BUCKET [10]", "1 10")
                .containsEntry("BUCKET [100]", "1 10.001");
    }

    @Test
    void aCurrencyIsConvertedByItsRateAndAnUnknownOneIsCountedNotGuessed() {
        Payment kroner = new Payment("100", "NOK", "NO", "Oslo");
        add(Operation.CREATE, null, new Payment("10.01", "USD", "US", "Troy"));
        add(Operation.CREATE, null, kroner);
        add(Operation.CREATE, null, new Payment("100", null, "NO", "Oslo"));

        assertThat(Payment.shown(totals))
                .containsEntry("AMOUNT [Troy]", "1 9.2092")
                .containsEntry("UNUSABLE [unknown-currency]", "2 0")
                .containsEntry("CURRENCY [NOK]", "1 0")
                .containsEntry("CURRENCY [none]", "1 0")
                .containsEntry("ARRIVED [NO]", "2 0")
                .doesNotContainKey("AMOUNT [Oslo]");

        add(Operation.DELETE, kroner, null);
        assertThat(Payment.shown(totals)).doesNotContainKey("AMOUNT [Oslo]");
    }

    @Test
    void whatIsNoAmountIsCountedByItsReason() {
        add(Operation.CREATE, null, new Payment(null, "EUR", "NO", "Oslo"));
        for (String text : List.of("NaN", "Infinity", "ten", "", "1e1000000000", "1e-41", "9".repeat(41))) {
            add(Operation.CREATE, null, euros(text, "NO", "Oslo"));
        }

        assertThat(Payment.shown(totals))
                .containsEntry("UNUSABLE [no-amount]", "1 0")
                .containsEntry("UNUSABLE [not-a-number]", "7 0")
                .doesNotContainKey("AMOUNT [Oslo]");
    }

    @Test
    void missingAndEmptyLabelsHaveNames() {
        add(Operation.CREATE, null, new Payment("1", "EUR", null, ""));
        add(Operation.CREATE, null, new Payment("2", "EUR", "x".repeat(90), "Oslo"));

        assertThat(Payment.shown(totals))
                .containsKeys("ARRIVED [none]", "AMOUNT [empty]", "ARRIVED [" + "x".repeat(80) + "…]");
    }

    @Test
    void labelsBeyondTheLimitAreOtherAlsoWhenTheirRowsGo() {
        for (String city : List.of("A", "B", "C", "D", "E", "other")) {
            add(Operation.CREATE, null, euros("1", "NO", city));
        }
        add(Operation.DELETE, euros("1", "NO", "A"), null);
        add(Operation.DELETE, euros("1", "NO", "D"), null);

        assertThat(Payment.shown(totals))
                .containsEntry("AMOUNT [B]", "1 1")
                .containsEntry("AMOUNT [C]", "1 1")
                .containsEntry("AMOUNT [other]", "2 2")
                .doesNotContainKeys("AMOUNT [A]", "AMOUNT [D]");
    }

    @Test
    void ofLabelsBeyondTheLimitTheFirstOnesAreKept() {
        for (String labels :
                List.of("Oslo a", "Oslo b", "Lund a", "Oslo c", "Oslo d", "Lund other", "Troy a", "Rome a", "Riga a")) {
            add(totals, labels);
        }
        assertThat(Payment.shown(totals))
                .isEqualTo(Map.of(
                        "AMOUNT [Oslo, a]", "1 1",
                        "AMOUNT [Oslo, b]", "1 1",
                        "AMOUNT [Lund, a]", "1 1",
                        "AMOUNT [Oslo, other]", "2 2",
                        "AMOUNT [Lund, other]", "1 1",
                        "AMOUNT [Troy, other]", "1 1",
                        "AMOUNT [other, other]", "2 2"));
        Totals restored = new Totals(Map.of("payments", Payment.metric(3)));
        totals.all().values().forEach(restored::add);
        add(restored, "Oslo d");
        add(restored, "Riga a");
        add(restored, "Oslo a");
        assertThat(Payment.shown(restored))
                .containsEntry("AMOUNT [Oslo, other]", "3 3")
                .containsEntry("AMOUNT [other, other]", "3 3")
                .containsEntry("AMOUNT [Oslo, a]", "2 2");
    }

    private static void add(Totals to, String labels) {
        to.add(new Measure(
                new Measure.Name(Measure.Kind.AMOUNT, "payments", List.of(labels.split(" "))),
                1,
                BigDecimal.ONE,
                0,
                0));
    }

    @Test
    void theNewestAmountIsThatOfTheLatestTimeWhateverComesFirst() {
        Change late = Payment.change(Operation.CREATE, null, euros("1", "NO", "Oslo"));
        late.sourceMillis = 2000;
        Change early = Payment.change(Operation.CREATE, null, euros("2", "NO", "Oslo"));
        early.sourceMillis = 1000;
        amounts.add(late);
        measures.drain(totals::add);
        amounts.add(early);
        measures.drain(totals::add);

        assertThat(Payment.shown(totals)).containsEntry("CURRENT [Oslo]", "0 1");
    }

    /** One row's fate: each step is what it becomes, null that it goes. */
    @Provide
    Arbitrary<List<@Nullable Payment>> fates() {
        Arbitrary<Payment> payments = Combinators.combine(
                        Arbitraries.of("0", "9.99", "10", "57.3", "100.01", "-4", "x")
                                .injectNull(0.1),
                        Arbitraries.of("EUR", "USD", "NOK"),
                        Arbitraries.of("NO", "SE", "DK"),
                        Arbitraries.of("Oslo", "Lund"))
                .as(Payment::new);
        return payments.injectNull(0.3).list().ofMaxSize(12);
    }

    @Property(tries = 300)
    void sumsAreThoseOfTheRowsThatAreThere(
            @ForAll("fates") List<@Nullable Payment> one, @ForAll("fates") List<@Nullable Payment> two) {
        AmountsTest fresh = new AmountsTest(); // jqwik tries a property on one instance
        List<Payment> there = new ArrayList<>();
        for (List<@Nullable Payment> fate : List.of(one, two)) {
            Payment row = null;
            for (Payment next : fate) {
                Operation operation =
                        row == null ? Operation.CREATE : next == null ? Operation.DELETE : Operation.UPDATE;
                if (row != null || next != null) {
                    fresh.add(operation, row, next);
                }
                row = next;
            }
            if (row != null) {
                there.add(row);
            }
        }

        Map<String, BigDecimal> expected = new TreeMap<>();
        for (Payment row : there) {
            BigDecimal rate = Map.of("EUR", BigDecimal.ONE, "USD", new BigDecimal("0.92"))
                    .get(Objects.requireNonNull(row.currency()));
            if (rate == null || row.amount() == null || row.amount().equals("x")) {
                continue;
            }
            BigDecimal euros = new BigDecimal(row.amount()).multiply(rate);
            expected.merge("AMOUNT [" + row.city() + "]", euros, BigDecimal::add);
            expected.merge("VOLUME [" + row.country() + "]", euros, BigDecimal::add);
            String bucket = euros.compareTo(BigDecimal.TEN) <= 0
                    ? "10"
                    : euros.compareTo(BigDecimal.valueOf(100)) <= 0 ? "100" : "+Inf";
            expected.merge("BUCKET [" + bucket + "]", euros, BigDecimal::add);
        }
        Map<String, String> sums = new TreeMap<>();
        Payment.shown(fresh.totals).forEach((name, value) -> {
            if (name.matches("(AMOUNT|VOLUME|BUCKET).*")) {
                sums.put(name, value.substring(value.indexOf(' ') + 1));
            }
        });
        Map<String, String> wanted = new TreeMap<>();
        expected.forEach(
                (name, sum) -> wanted.put(name, sum.stripTrailingZeros().toPlainString()));
        // a sum of nothing, of rows that are there, may be told or not
        wanted.values().removeIf("0"::equals);
        sums.values().removeIf("0"::equals);
        assertThat(sums).isEqualTo(wanted);
    }
}
