package io.tributary.decode;

/** Where a token was among the bytes of a value. */
final class TokenRange {
    int start;
    int length;

    void clear() {
        start = 0;
        length = 0;
    }

    void set(JsonScanner json) {
        start = json.tokenStart();
        length = json.tokenLength();
    }
}
