package io.tributary;
/** Placeholder. */
public final class Main { private Main() {} }
