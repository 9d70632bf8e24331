package io.tributary.decode;

import java.util.List;

/**
 * PostgreSQL: {@code sequence} is {@code ["lsn of the last commit before the transaction", "lsn of the event"]}, either null.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-create-events">its
 *     source</a>
 */
final class PostgresDialect implements SourceDialect {
    private static final int SEQUENCE = 0;
    /** Digits that a long holds, whatever they are. */
    private static final int MOST_DIGITS = 18;

    private final boolean isKnown;

    /** @param isKnown false for the events of a connector that nobody knows: they may have positions of this form */
    PostgresDialect(boolean isKnown) {
        this.isKnown = isKnown;
    }

    @Override
    public List<String> connectors() {
        return isKnown ? List.of("postgresql") : List.of();
    }

    @Override
    public List<String> fields() {
        return List.of("sequence");
    }

    @Override
    public boolean appendsColumns() {
        return isKnown;
    }

    /** Another form is another connector's, and no position: taken for a small number it would make all later events duplicates. */
    @Override
    public void locate(SourcePlace place) {
        int start = place.start(SEQUENCE);
        if (start < 0) {
            return;
        }
        byte[] text = place.value;
        int end = start + place.length(SEQUENCE);
        place.sequenceCommit = 0;
        place.sequenceEvent = -1;
        int commit = start < end && text[start] == '[' ? afterQuotes(text, start + 1, end) : end;
        int commitEnd = endOf(text, commit, end);
        int comma = afterQuotes(text, commitEnd, end);
        int event = comma < end && text[comma] == ',' ? afterQuotes(text, comma + 1, end) : end;
        int eventEnd = endOf(text, event, end);
        int last = afterQuotes(text, eventEnd, end);
        boolean isPair = commitEnd > commit && eventEnd > event && last == end - 1 && text[last] == ']';
        if (isPair && commitEnd - commit <= MOST_DIGITS && eventEnd - event <= MOST_DIGITS) {
            place.sequenceCommit = text[commit] == 'n' ? 0 : number(text, commit, commitEnd);
            place.sequenceEvent = text[event] == 'n' ? -1 : number(text, event, eventEnd);
        }
    }

    /** Behind the quotes, which JSON in JSON has with a backslash, and blanks. */
    private static int afterQuotes(byte[] text, int from, int end) {
        int p = from;
        while (p < end && (text[p] == '"' || text[p] == '\\' || text[p] == ' ')) {
            p++;
        }
        return p;
    }

    /** Behind the digits or the null that begin here. */
    private static int endOf(byte[] text, int from, int end) {
        if (from + 4 <= end
                && text[from] == 'n'
                && text[from + 1] == 'u'
                && text[from + 2] == 'l'
                && text[from + 3] == 'l') {
            return from + 4;
        }
        int p = from;
        while (p < end && text[p] >= '0' && text[p] <= '9') {
            p++;
        }
        return p;
    }

    private static long number(byte[] digits, int from, int to) {
        long number = 0;
        for (int p = from; p < to; p++) {
            number = number * 10 + digits[p] - '0';
        }
        return number;
    }
}
