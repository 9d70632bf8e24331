package io.tributary.lake;

/**
 * A part of a table whose rows are replaced together.
 *
 * @param id tells the parts of a table apart
 * @param of how many parts the table is
 */
record Part(String id, int of) {
    /** Whether it is all of its table. */
    boolean isWhole() {
        return of == 1;
    }

    static Part parse(String text) {
        int slash = text.indexOf('/');
        return new Part(text.substring(0, slash), Integer.parseInt(text.substring(slash + 1)));
    }

    // by hand: see TableName
    @Override
    public boolean equals(Object o) {
        return o instanceof Part other && id.equals(other.id) && of == other.of;
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + of;
    }

    @Override
    public String toString() {
        return id + "/" + of;
    }
}
