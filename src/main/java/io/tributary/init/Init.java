package io.tributary.init;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A database of one's own: what it says, what it needs, and the files for it. */
public final class Init {
    private final InitChoices choices;
    private final SourceFacts facts;
    private final InitPlan plan;

    private Init(InitChoices choices, SourceFacts facts, InitPlan plan) {
        this.choices = choices;
        this.facts = facts;
        this.plan = plan;
    }

    /** Looks, and changes nothing. */
    public static Init of(Connection connection, InitChoices choices) throws SQLException {
        SourceFacts facts = SourceFacts.read(connection, choices.slot(), choices.slot());
        return new Init(choices, facts, InitPlan.of(facts, choices));
    }

    public SourceFacts facts() {
        return facts;
    }

    public InitPlan plan() {
        return plan;
    }

    /**
     * Makes the signal table, if it is missing and the role may.
     *
     * @return whether it was made
     */
    public boolean makeSignals(Connection connection) throws SQLException {
        if (!plan.makesSignals()) {
            return false;
        }
        try (Statement statement = connection.createStatement()) {
            for (String each : InitPlan.SIGNALS) {
                statement.execute(each);
            }
        }
        return true;
    }

    /**
     * Writes the files.
     *
     * @param shipped the connector that is shipped
     */
    public void write(Path folder, Path shipped) throws IOException {
        InitFiles.write(folder, choices, plan, facts, shipped);
    }
}
