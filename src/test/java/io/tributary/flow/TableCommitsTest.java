package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

@Pure
class TableCommitsTest {
    private final Map<Integer, List<String>> committed = new ConcurrentHashMap<>();
    private final Map<Integer, List<String>> tables =
            IntStream.range(0, 8).boxed().collect(Collectors.toMap(i -> i, i -> List.of("part " + i)));

    @Test
    void commitsFourTablesAtATime() throws Exception {
        CyclicBarrier four = new CyclicBarrier(4);
        try (TableCommits commits = new TableCommits("test")) {
            commits.all(tables, (table, parts) -> {
                try {
                    four.await(20, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IOException(e);
                }
                committed.put(table, parts);
            });
        }
        assertThat(committed).isEqualTo(tables);
    }

    @Test
    void aConflictEndsTheJobForGoodAndAnyOtherFailureDoesNot() {
        try (TableCommits commits = new TableCommits("test")) {
            assertThatThrownBy(() -> commits.all(tables, (table, parts) -> {
                        throw new ConflictException("as it is") {};
                    }))
                    .isInstanceOf(SuppressRestartsException.class)
                    .hasRootCauseMessage("as it is");
            assertThatThrownBy(() -> commits.all(tables, (table, parts) -> {
                        throw new IllegalStateException("a fault");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("a fault");
        }
    }
}
