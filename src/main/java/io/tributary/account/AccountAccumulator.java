package io.tributary.account;

import org.apache.flink.api.common.accumulators.Accumulator;

/** Carries the published account to whoever asks the job for its result. */
public final class AccountAccumulator implements Accumulator<Account, Account> {
    /** The accumulator's name. */
    public static final String NAME = "account";

    private Account account = Account.empty();

    @Override
    public void add(Account value) {
        account = value; // each account has everything from the start
    }

    @Override
    public Account getLocalValue() {
        return account;
    }

    @Override
    public void resetLocal() {
        account = Account.empty();
    }

    @Override
    public void merge(Accumulator<Account, Account> other) {
        account = account.with(other.getLocalValue().tallies());
    }

    @Override
    @SuppressWarnings({"MethodDoesntCallSuperMethod", "super"}) // a copy of a value is the value
    public Accumulator<Account, Account> clone() {
        AccountAccumulator copy = new AccountAccumulator();
        copy.account = account;
        return copy;
    }
}
