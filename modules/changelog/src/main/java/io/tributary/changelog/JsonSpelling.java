package io.tributary.changelog;

/** The blanks outside of strings, in which the same JSON may differ. */
enum JsonSpelling {
    AS_IT_IS,
    /** {@code {"a":1,"b":[1,2]}}, as MySQL's log is read. */
    COMPACT,
    /** {@code {"a": 1, "b": [1, 2]}}, as MySQL and PostgreSQL's jsonb print it. */
    SPACED;

    String of(String json) {
        if (this == AS_IT_IS) {
            return json;
        }
        StringBuilder out = new StringBuilder(json.length() + 16);
        boolean inString = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            boolean isBlank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            if (inString || !isBlank) {
                out.append(c);
            }
            if (inString && c == '\\' && i + 1 < json.length()) {
                out.append(json.charAt(++i));
            } else if (c == '"') {
                inString = !inString;
            } else if (!inString && this == SPACED && (c == ',' || c == ':')) {
                out.append(' ');
            }
        }
        return out.toString();
    }
}
