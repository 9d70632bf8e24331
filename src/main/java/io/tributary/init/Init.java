package io.tributary.init;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** A database of one's own: what it says, what it needs, and the files for it. */
public final class Init {
    private final InitChoices choices;
    private final SourceFacts facts;
    private final InitPlan plan;
    private final Map<String, Map<String, String>> numbers;

    private Init(InitChoices choices, SourceFacts facts, InitPlan plan, Map<String, Map<String, String>> numbers) {
        this.choices = choices;
        this.facts = facts;
        this.plan = plan;
        this.numbers = numbers;
    }

    /** Looks, and changes nothing. */
    public static Init of(Connection connection, InitChoices choices) throws SQLException {
        SourceFacts facts = SourceFacts.read(connection, choices.slot(), choices.slot());
        InitPlan plan = InitPlan.of(facts, choices);
        return new Init(choices, facts, plan, Numbers.of(connection, plan.tables()));
    }

    public SourceFacts facts() {
        return facts;
    }

    public InitPlan plan() {
        return plan;
    }

    /** Makes the signal table, where the plan says that the role can. */
    public void makeSignals(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : InitPlan.SIGNALS) {
                statement.execute(each);
            }
        }
    }

    /**
     * Writes the files.
     *
     * @param shipped the connector that is shipped
     */
    public void write(Path folder, Path shipped) throws IOException {
        InitFiles.write(folder, choices, plan, facts, numbers, shipped);
    }
}
