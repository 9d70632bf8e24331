package io.tributary.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Not there yet. */
@Command(name = "bench")
final class BenchCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
