package io.tributary.changelog;

/**
 * Why a row is rejected.
 *
 * @param reason the dead letter's
 * @param rule that it breaks; empty where it is no rule
 */
public record Broken(String reason, String rule, String detail) {}
