package io.tributary.change;

/** A column under the name the source gives it, case and odd characters kept. */
public record Column(String name, ColumnType type) {}
