package io.tributary.local;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import net.datafaker.Faker;
import org.jspecify.annotations.Nullable;

/** Believable values, drawn from pools that are made once: a draw costs next to nothing. Not for several threads. */
final class DemoValues {
    private static final int PEOPLE = 2_000;
    private static final int MERCHANTS = 300;
    private static final int ADDRESSES = 1_000;
    private static final int LONG_NOTES = 64;
    private static final int LONG_NOTE_BYTES = 7_000; // 9,300 characters
    private static final String[] METHODS = {"card", "card", "card", "blik", "transfer", "paypal", "apple_pay", "cash"};
    private static final String[] TAGS = {"gift", "fragile", "express", "b2b", "return", "pre-order", "bulky"};
    private static final Place[] PLACES = {
        new Place("Warszawa", "Poland", "PLN"),
        new Place("Kraków", "Poland", "PLN"),
        new Place("Gdańsk", "Poland", "PLN"),
        new Place("Berlin", "Germany", "EUR"),
        new Place("Hamburg", "Germany", "EUR"),
        new Place("München", "Germany", "EUR"),
        new Place("Paris", "France", "EUR"),
        new Place("Lyon", "France", "EUR"),
        new Place("Madrid", "Spain", "EUR"),
        new Place("Sevilla", "Spain", "EUR"),
        new Place("Roma", "Italy", "EUR"),
        new Place("Milano", "Italy", "EUR"),
        new Place("London", "United Kingdom", "GBP"),
        new Place("Leeds", "United Kingdom", "GBP"),
        new Place("Zürich", "Switzerland", "CHF"),
        new Place("Oslo", "Norway", "NOK"),
        new Place("Praha", "Czechia", "CZK"),
        new Place("New York", "United States", "USD"),
        new Place("Chicago", "United States", "USD"),
        new Place("Austin", "United States", "USD"),
        new Place("Toronto", "Canada", "CAD"),
        new Place("Tokyo", "Japan", "JPY"),
        new Place("Osaka", "Japan", "JPY"),
        new Place("Sydney", "Australia", "AUD")
    };

    /** A city with the country it lies in and what one pays with there. */
    record Place(String city, String country, String currency) {}

    private final SplittableRandom random;
    private final List<String> people;
    private final List<String> merchants;
    private final List<String> addresses;
    private final List<String> sentences;
    private final List<String> longNotes;

    DemoValues(SplittableRandom random) {
        this.random = random;
        Faker faker = new Faker(Locale.ENGLISH, new Random(random.nextLong()));
        people = pool(PEOPLE, () -> faker.name().fullName());
        merchants = pool(MERCHANTS, () -> faker.company().name());
        addresses = pool(ADDRESSES, () -> faker.internet().publicIpV4Address());
        sentences = pool(
                MERCHANTS,
                () -> faker.commerce().productName() + ", " + faker.color().name());
        longNotes = pool(LONG_NOTES, () -> Base64.getEncoder().encodeToString(bytes(LONG_NOTE_BYTES)));
    }

    private static List<String> pool(int size, Supplier<String> maker) {
        List<String> pool = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            pool.add(maker.get());
        }
        return List.copyOf(pool);
    }

    /** Whether something that happens so many times in a hundred happens now. */
    boolean percent(int share) {
        return random.nextInt(100) < share;
    }

    <T> @Nullable T seldomNull(T value) {
        return percent(8) ? null : value;
    }

    int user() {
        return 1 + random.nextInt(PEOPLE);
    }

    Place place() {
        return oneOf(PLACES);
    }

    String merchant() {
        // a few merchants have most of the trade
        return merchants.get(Math.min(random.nextInt(MERCHANTS), random.nextInt(MERCHANTS)));
    }

    String paymentMethod() {
        return oneOf(METHODS);
    }

    String address() {
        return addresses.get(random.nextInt(ADDRESSES));
    }

    String code(String prefix) {
        return prefix + Integer.toString(46_656 + random.nextInt(1_600_000), 36).toUpperCase(Locale.ROOT);
    }

    /** Positive, with two decimals; small ones are frequent, large ones rare. */
    BigDecimal amount() {
        double skewed = Math.pow(random.nextDouble(), 3) * 500_000;
        return BigDecimal.valueOf(99 + (long) skewed, 2);
    }

    /** With as many decimals as it happens to have. */
    BigDecimal weight() {
        return BigDecimal.valueOf(random.nextLong(1, 10_000_000), random.nextInt(0, 7));
    }

    /** JSON of a customer. */
    String customer() {
        int number = user();
        Place place = place();
        return "{\"id\": " + number + ", \"name\": \"" + people.get(number - 1).replace("\"", "")
                + "\", \"address\": {\"city\": \"" + place.city() + "\", \"country\": \"" + place.country()
                + "\"}, \"vip\": " + percent(5) + "}";
    }

    /** A literal of text[], at times empty. */
    String tags() {
        int first = random.nextInt(TAGS.length);
        int last = Math.min(TAGS.length, first + random.nextInt(4));
        return "{" + String.join(",", Arrays.asList(TAGS).subList(first, last)) + "}";
    }

    /** A literal of int[]. */
    String quantities() {
        StringBuilder literal = new StringBuilder("{").append(1 + random.nextInt(9));
        for (int more = random.nextInt(4); more > 0; more--) {
            literal.append(',').append(1 + random.nextInt(99));
        }
        return literal.append('}').toString();
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Short, missing, or for a share of the rows so long that PostgreSQL keeps it out of line (TOAST). */
    @Nullable
    String note() {
        int draw = random.nextInt(100);
        if (draw < 10) {
            return longNotes.get(random.nextInt(LONG_NOTES));
        }
        return draw < 40 ? null : sentences.get(random.nextInt(MERCHANTS));
    }

    Timestamp now() {
        return Timestamp.from(Instant.now());
    }

    <T> T oneOf(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
