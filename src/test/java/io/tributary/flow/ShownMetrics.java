package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** What a reporter would show of an operator's own metrics. */
public final class ShownMetrics {
    private final Map<String, Gauge<?>> shown = new ConcurrentHashMap<>();

    /** Where an operator of parallelism 1 registers them. */
    public MockEnvironment environment() {
        TestingMetricRegistry registry = TestingMetricRegistry.builder()
                .setNumberReporters(1)
                .setRegisterConsumer((metric, name, group) -> {
                    if (metric instanceof Gauge<?> gauge && name.startsWith("cdc_")) {
                        assertThat(shown.put(name + labels(group.getAllVariables()), gauge))
                                .as("registered twice")
                                .isNull();
                    }
                })
                .build();
        var group = TaskManagerMetricGroup.createTaskManagerMetricGroup(registry, "host", ResourceID.generate())
                .addJob(new JobID(), "job")
                .addTask(ExecutionAttemptID.randomId(), "task");
        return new MockEnvironmentBuilder()
                .setMetricGroup(group)
                .setParallelism(1)
                .setMaxParallelism(1)
                .build();
    }

    private static Map<String, String> labels(Map<String, String> variables) {
        Map<String, String> labels = new TreeMap<>();
        variables.forEach((key, value) -> {
            String label = key.substring(1, key.length() - 1);
            if (!label.matches("host|tm_id|(job|task|operator)_.*|subtask_index")) {
                labels.put(label, value);
            }
        });
        return labels;
    }

    /** The values, by name with labels: {@code cdc_read_total{table=public.t}}. */
    public Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        shown.forEach((name, gauge) -> values.put(
                name,
                gauge.getValue() instanceof BigDecimal sum
                        ? sum.stripTrailingZeros().toPlainString()
                        : String.valueOf(gauge.getValue())));
        return values;
    }
}
