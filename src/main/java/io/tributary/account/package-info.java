/** The accounts: how many records each table had, and what became of them, published only for complete checkpoints. */
@org.jspecify.annotations.NullMarked
package io.tributary.account;
