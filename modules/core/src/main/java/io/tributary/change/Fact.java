package io.tributary.change;

/** What the changelog tells whoever keeps a table: a change, or, among the changes, all rows of a part of it. */
public sealed interface Fact permits Change, PartRow {}
