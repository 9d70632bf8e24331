package io.tributary.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of an object somewhere in a JSON text, as ranges of its bytes.
 *
 * @param object where its object begins, which tells siblings
 * @param name where its name's quote is
 */
record Member(int object, int name, int nameEnd, int value, int end) {
    private static final int DEEPEST = 40;

    String nameIn(byte[] json) {
        return new String(json, name + 1, nameEnd - name - 2, StandardCharsets.UTF_8);
    }

    /** The fields in the order of their ends, inner ones first; of what is no JSON any more, those before the fault. */
    static List<Member> of(byte[] json) {
        List<Member> members = new ArrayList<>();
        new Walk(json, members).value(0, 0);
        return members;
    }

    private static final class Walk {
        private final byte[] json;
        private final List<Member> members;

        Walk(byte[] json, List<Member> members) {
            this.json = json;
            this.members = members;
        }

        /** The end of the value that begins here, or -1. */
        int value(int from, int depth) {
            int at = blanks(from);
            if (at >= json.length || depth > DEEPEST) {
                return -1;
            }
            return switch (json[at]) {
                case '{' -> container(at, depth, '}');
                case '[' -> container(at, depth, ']');
                case '"' -> string(at);
                default -> scalar(at);
            };
        }

        private int container(int start, int depth, char close) {
            int at = blanks(start + 1);
            while (at >= 0 && at < json.length && json[at] != close) {
                int name = at;
                int nameEnd = at;
                if (close == '}') {
                    nameEnd = json[at] == '"' ? string(at) : -1;
                    at = nameEnd < 0 ? -1 : blanks(nameEnd) + 1;
                }
                int value = at < 0 ? -1 : blanks(at);
                int end = value < 0 ? -1 : value(value, depth + 1);
                if (end < 0) {
                    return -1;
                }
                if (close == '}') {
                    members.add(new Member(start, name, nameEnd, value, end));
                }
                at = blanks(end);
                at = at < json.length && json[at] == ',' ? blanks(at + 1) : at;
            }
            return at < 0 || at >= json.length ? -1 : at + 1;
        }

        private int string(int start) {
            for (int at = start + 1; at < json.length; at++) {
                if (json[at] == '\\') {
                    at++;
                } else if (json[at] == '"') {
                    return at + 1;
                }
            }
            return -1;
        }

        private int scalar(int start) {
            int at = start;
            while (at < json.length && json[at] > ' ' && ",:]}[{\"".indexOf(json[at]) < 0) {
                at++;
            }
            return at == start ? -1 : at;
        }

        private int blanks(int from) {
            int at = from;
            while (at < json.length && json[at] <= ' ' && json[at] >= 0) {
                at++;
            }
            return at;
        }
    }
}
