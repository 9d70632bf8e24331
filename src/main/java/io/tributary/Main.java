package io.tributary;

import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.SinkSteps;
import java.util.Set;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The job for a Flink cluster: {@code flink run tributary.jar --config PIPELINE.yaml [--bounded] [--set KEY=VALUE]}. */
@Command(name = "flink run tributary.jar")
public final class Main {
    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Option(names = "--bounded", description = "end at what the topics hold now")
    private boolean bounded;

    private Main() {}

    public static void main(String[] args) throws Exception {
        Main main = new Main();
        try {
            new CommandLine(main).parseArgs(args);
            Set<String> extensions = Extensions.open(Main.class.getClassLoader());
            PipelineConfig config = main.options.read();
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            Extensions.give(env, extensions);
            boolean restores = env.getConfiguration()
                    .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
                    .isPresent();
            Reaches reaches = Preflight.check(config, !restores);
            Pipeline.build(env, config, main.bounded, reaches, SinkSteps.NONE);
            env.execute(config.name());
        } catch (ParameterException | ConfigException | UnreachableException e) {
            // Flink's client prints the message of this one, and no stack trace
            throw new ProgramParametrizationException("tributary: " + e.getMessage());
        }
    }
}
