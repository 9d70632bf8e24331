package io.tributary.flow;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;

/**
 * Something that was measured, to be added to the metrics of the whole job.
 *
 * @param count what is added to a count; below zero where a row went
 * @param sum what is added to a sum, or the value itself, exactly
 * @param at a time of the source, in milliseconds since 1970
 * @param offset tells the later of two values of one time
 */
public record Measure(Name name, long count, BigDecimal sum, long at, long offset) {

    /**
     * What is measured.
     *
     * @param subject a table, a metric of the pipeline file, a meter, or a connector's topic prefix
     * @param labels the values that tell measures of one subject apart
     */
    public record Name(Kind kind, String subject, List<String> labels) implements Serializable {
        public Name {
            labels = List.copyOf(labels);
        }

        // by hand: see TableName
        @Override
        public boolean equals(Object o) {
            return o instanceof Name other
                    && kind == other.kind
                    && subject.equals(other.subject)
                    && labels.equals(other.labels);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * kind.hashCode() + subject.hashCode()) + labels.hashCode();
        }
    }

    /** The kinds; their order is in savepoints. */
    public enum Kind {
        /** Changes of a table that its source made in the tenth of a second from {@link #at}. */
        CHANGES,
        /** The newest known source time of a table; its label is the topic. */
        NEWEST,
        /** The newest heartbeat of a connector, by its topic prefix. */
        HEARTBEAT,
        /** Changes of a table within a window from {@link #at}; its label is the window's length in milliseconds. */
        WINDOW,
        /** Changes of a table whose window was closed. */
        LATE,
        /** Rows that came to a value of the first label, ever. */
        ARRIVED,
        /** The amounts of the rows that are there, by the first label. */
        VOLUME,
        /** The amounts of the rows that are there, by the other labels. */
        AMOUNT,
        /** The amounts of the rows that are there, by the bucket they fall in; its label is the bucket's upper bound. */
        BUCKET,
        /** The newest amount, by the other labels. */
        CURRENT,
        /** Rows that came without a usable amount, ever; its label is the reason. */
        UNUSABLE,
        /** Rows that came with a currency that has no rate, ever; its label is the currency. */
        CURRENCY,
        /** How a metric was defined when its sums were made; its label is the definition. */
        DEFINITION,
        /** What a {@code Meter} counts, by its labels. */
        METER;

        private static final Kind[] BY_ORDINAL = values();

        static Kind of(int ordinal) {
            return BY_ORDINAL[ordinal];
        }
    }

    public static Measure count(Kind kind, String subject, List<String> labels, long count) {
        return new Measure(new Name(kind, subject, labels), count, BigDecimal.ZERO, 0, 0);
    }

    /** Both counts and sums together. */
    public Measure plus(Measure other) {
        return new Measure(name, count + other.count, sum.add(other.sum), at, offset);
    }
}
