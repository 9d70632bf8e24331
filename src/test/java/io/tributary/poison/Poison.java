package io.tributary.poison;

import io.tributary.changelog.Colliding;
import io.tributary.flow.Tally.Counter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** What one table's records may try, so that another table's rows do not come. */
enum Poison {
    /** The good table alone. */
    NONE(0) {
        @Override
        String record(int i) {
            throw new IllegalStateException();
        }
    },
    NEW_COLUMN_EACH(1000) {
        @Override
        String record(int i) {
            return change("bad", i, "\"c" + i + "\":" + i);
        }
    },
    NEW_SCHEMA_EACH(1000) {
        @Override
        String record(int i) {
            String row = "{\"type\":\"struct\",\"optional\":true,\"fields\":["
                    + "{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"},"
                    + "{\"type\":\"string\",\"optional\":true,\"field\":\"c" + i + "\"}],\"field\":\"";
            return line(
                    "bad",
                    "{\"schema\":{\"type\":\"struct\",\"fields\":[" + row + "before\"}," + row
                            + "after\"},{\"type\":\"string\",\"field\":\"op\"}]},\"payload\":"
                            + value("bad", i, "\"c" + i + "\":\"x\"") + "}",
                    "{\"id\":" + i + "}");
        }
    },
    NEW_TABLE_EACH(200) {
        @Override
        String record(int i) {
            return change("bad" + i, i, "\"v\":1");
        }
    },
    LARGE_KEYS(40, Counter.REJECTED) {
        @Override
        String record(int i) {
            return line("bad", value("bad", i, "\"v\":1"), "{\"id\":\"" + i + "x".repeat(10 << 20) + "\"}");
        }
    },
    KEYS_OF_ONE_HASH(4000) {
        @Override
        String record(int i) {
            String key = Colliding.key(i);
            return line("bad", value("bad", i, "\"v\":1"), "{\"id\":\"" + key + "\"}");
        }
    },
    /** Of Java's hash, 65,536 of them. */
    KEYS_OF_JAVAS_HASH(40_000) {
        @Override
        String record(int i) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 16; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            return line("bad", value("bad", i, "\"v\":1"), "{\"id\":\"" + key + "\"}");
        }
    },
    DEEP(200) {
        @Override
        String record(int i) {
            return change("bad", i, "\"v\":" + "[".repeat(50_000) + "]".repeat(50_000));
        }
    },
    LONG_NUMBERS(200) {
        @Override
        String record(int i) {
            return change("bad", i, "\"v\":" + (i % 2 == 0 ? "1e" + Integer.MAX_VALUE : "9".repeat(100_000)));
        }
    },
    NO_JSON(20_000, Counter.REJECTED) {
        @Override
        String record(int i) {
            return line("bad", "\"x\"", "{\"id\":" + i + "}");
        }
    },
    /** For the rule {@code (a+)+b}. */
    PATTERNS(500, Counter.REJECTED) {
        @Override
        String record(int i) {
            return change("ruled", i, "\"v\":\"" + "a".repeat(20_000) + "\"");
        }
    },
    AHEAD(1000) {
        @Override
        String record(int i) {
            return change("bad", i, "\"v\":1").replace("\"ts_ms\":1750000000000", "\"ts_ms\":9750000000000");
        }
    };

    /** How many records it takes. */
    final int records;

    /** What becomes of each. */
    final Counter outcome;

    Poison(int records) {
        this(records, Counter.APPLIED);
    }

    Poison(int records, Counter outcome) {
        this.records = records;
        this.outcome = outcome;
    }

    abstract String record(int i);

    /** Writes the good records, and so many of the poison's spread among them. */
    void write(Path file, int good, int bad) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            int written = 0;
            for (int i = 0; i < good; i++) {
                line(out, change("good", i, "\"v\":\"v" + i + "\""));
                for (int due = (int) ((i + 1L) * bad / good); written < due; written++) {
                    line(out, record(written));
                }
            }
        }
    }

    private static void line(Writer out, String line) throws IOException {
        out.write(line);
        out.write('\n');
    }

    private static String change(String table, int id, String column) {
        return line(table, value(table, id, column), "{\"id\":" + id + "}");
    }

    private static String value(String table, int id, String column) {
        return "{\"before\":null,\"after\":{\"id\":" + id + "," + column
                + "},\"source\":{\"ts_ms\":1750000000000,\"schema\":\"public\",\"table\":\"" + table
                + "\",\"snapshot\":\"false\",\"sequence\":\"[\\\"1\\\",\\\"" + (id + 1)
                + "\\\"]\"},\"op\":\"c\",\"ts_ms\":1}";
    }

    private static String line(String table, String value, String key) {
        return "{\"topic\":\"cdc.public." + table + "\",\"timestamp\":1,\"key\":" + key + ",\"value\":" + value + "}";
    }
}
