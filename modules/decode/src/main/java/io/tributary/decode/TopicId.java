package io.tributary.decode;

/**
 * A topic.
 *
 * @param id what tells it from an earlier one of its name; empty where that is not known
 */
record TopicId(String name, String id) {
    static final TopicId NONE = new TopicId("", "");
}
