package io.tributary.init;

import io.tributary.connect.DatabaseTable;
import io.tributary.flow.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a database needs so that some of its tables can be followed.
 *
 * @param tables those that the connector names
 * @param setsIdentity of them, and of their partitions, what the connector gives a replica identity when it starts
 * @param publishes whether the connector makes the publication
 * @param makesSignals whether the role can make the signal table that is not there yet
 * @param byAdministrator statements that the role itself may not run, in their order
 * @param restarts why PostgreSQL is to be started again after them; null if it is not
 * @param notes what one should know
 */
public record InitPlan(
        List<DatabaseTable> tables,
        List<DatabaseTable> setsIdentity,
        boolean publishes,
        boolean makesSignals,
        List<String> byAdministrator,
        @Nullable String restarts,
        List<String> notes) {
    private static final String OWN_SCHEMA = "tributary";

    /** What makes the signal table. */
    public static final List<String> SIGNALS = List.of(
            "create schema if not exists " + OWN_SCHEMA,
            "create table if not exists " + SourceFacts.SIGNALS
                    + " (id varchar(42) primary key, type varchar(32) not null, data varchar(2048))");

    /** @throws ConfigException if an expression is none, or no table is of it */
    static InitPlan of(SourceFacts facts, InitChoices choices) {
        List<DatabaseTable> tables = chosen(facts.tables(), choices.tables());
        if (tables.isEmpty()) {
            throw new ConfigException("there is no table to follow in %s: it has %s"
                    .formatted(
                            choices.database(),
                            facts.unpublishable().isEmpty()
                                    ? "none, or none that " + facts.user() + " may see"
                                    : String.join(", ", facts.unpublishable())
                                            + ", which logical replication does not send"));
        }
        List<String> statements = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        String restarts = server(facts, statements);
        String user = DatabaseTable.quote(facts.user());
        if (!facts.mayReplicate()) {
            statements.add("alter role " + user + " replication");
        }
        for (DatabaseTable table : tables) {
            if (!table.isReadable()) {
                statements.add("grant usage on schema " + DatabaseTable.quote(table.schema()) + " to " + user);
                statements.add("grant select on " + table.quoted() + " to " + user);
            }
        }
        List<DatabaseTable> setsIdentity = new ArrayList<>();
        for (DatabaseTable table : withParts(tables, facts.tables())) {
            if (!table.hasIdentity() && table.isOwned()) {
                setsIdentity.add(table);
            } else if (!table.hasIdentity()) {
                statements.add(table.setIdentity());
            }
        }
        boolean publishes = publishes(facts, tables);
        boolean makesSignals = !facts.hasSignals() && facts.mayCreate() && publishes;
        if (!facts.hasSignals() && !makesSignals) {
            statements.addAll(SIGNALS);
            statements.add("grant usage on schema " + OWN_SCHEMA + " to " + user);
            statements.add("grant select, insert on " + SourceFacts.SIGNALS + " to " + user);
        }
        if (!publishes) {
            publication(facts, choices.slot(), tables, statements);
        }
        notes(facts, tables, notes);
        return new InitPlan(
                tables,
                List.copyOf(setsIdentity),
                publishes,
                makesSignals,
                statements.stream().distinct().toList(),
                restarts,
                List.copyOf(notes));
    }

    /** A partition comes with what it is a part of. */
    private static List<DatabaseTable> chosen(List<DatabaseTable> all, List<String> expressions) {
        List<DatabaseTable> whole = all.stream()
                .filter(table -> table.root().isEmpty() && !table.schema().equals(OWN_SCHEMA))
                .toList();
        if (expressions.isEmpty()) {
            return whole;
        }
        List<DatabaseTable> chosen = new ArrayList<>();
        for (String expression : expressions) {
            Pattern pattern;
            try {
                pattern = Pattern.compile(expression);
            } catch (PatternSyntaxException e) {
                throw new ConfigException(
                        "'--tables' must be regular expressions of schema.table, got '" + expression + "'");
            }
            List<DatabaseTable> of =
                    whole.stream().filter(table -> table.isOf(pattern)).toList();
            if (of.isEmpty()) {
                throw new ConfigException("'--tables' %s is of no table; there are %s"
                        .formatted(
                                expression,
                                whole.stream().map(DatabaseTable::text).collect(Collectors.joining(", "))));
            }
            of.stream().filter(table -> !chosen.contains(table)).forEach(chosen::add);
        }
        return chosen;
    }

    private static List<DatabaseTable> withParts(List<DatabaseTable> tables, List<DatabaseTable> all) {
        Set<String> roots = tables.stream().map(DatabaseTable::text).collect(Collectors.toSet());
        return all.stream()
                .filter(table -> roots.contains(table.text()) || roots.contains(table.root()))
                .toList();
    }

    private static @Nullable String server(SourceFacts facts, List<String> statements) {
        int before = statements.size();
        if (!facts.walLevel().equals("logical")) {
            statements.add("alter system set wal_level = logical");
        }
        if (facts.freeSlots() < 1) {
            statements.add("alter system set max_replication_slots = 20");
        }
        if (facts.freeSenders() < 1) {
            statements.add("alter system set max_wal_senders = 20");
        }
        return statements.size() == before
                ? null
                : String.join(
                        ", ",
                        statements.subList(before, statements.size()).stream()
                                .map(each -> each.substring("alter system set ".length()))
                                .toList());
    }

    /** Debezium sets the tables of its publication with each start: of one that it may not alter, it must be told to let it be. */
    private static boolean publishes(SourceFacts facts, List<DatabaseTable> tables) {
        return tables.stream().allMatch(DatabaseTable::isOwned)
                && (facts.published() == null ? facts.mayCreate() : facts.ownsPublication());
    }

    private static void publication(
            SourceFacts facts, String name, List<DatabaseTable> tables, List<String> statements) {
        Set<String> published = facts.published();
        if (published == null) {
            // Debezium sees signals in the stream
            statements.add("create publication %s for table %s, %s%s"
                    .formatted(
                            DatabaseTable.quote(name),
                            tables.stream().map(DatabaseTable::quoted).collect(Collectors.joining(", ")),
                            SourceFacts.SIGNALS,
                            hasPartitions(tables) ? " with (publish_via_partition_root = true)" : ""));
            return;
        }
        for (DatabaseTable table : tables) {
            if (!Objects.requireNonNull(published).contains(table.text())) {
                statements.add("alter publication " + DatabaseTable.quote(name) + " add table " + table.quoted());
            }
        }
        if (!published.contains(SourceFacts.SIGNALS)) {
            statements.add("alter publication " + DatabaseTable.quote(name) + " add table " + SourceFacts.SIGNALS);
        }
    }

    static boolean hasPartitions(List<DatabaseTable> tables) {
        return tables.stream().anyMatch(DatabaseTable::isPartitioned);
    }

    private static void notes(SourceFacts facts, List<DatabaseTable> tables, List<String> notes) {
        List<String> keyless = tables.stream()
                .filter(table -> !table.hasKey())
                .map(DatabaseTable::text)
                .toList();
        if (!keyless.isEmpty()) {
            notes.add("without a key, and so a bag of rows, whose updates send the whole row: "
                    + String.join(", ", keyless));
        }
        if (hasPartitions(tables)) {
            notes.add("partitions come as rows of the whole table; a TRUNCATE of one partition alone is not sent");
        }
        List<String> ours = facts.tables().stream()
                .filter(table ->
                        table.schema().equals(OWN_SCHEMA) && !table.text().equals(SourceFacts.SIGNALS))
                .map(DatabaseTable::text)
                .toList();
        if (!ours.isEmpty()) {
            notes.add("left out, since the schema " + OWN_SCHEMA + " is Tributary's own: " + String.join(", ", ours));
        }
        if (!facts.unpublishable().isEmpty()) {
            notes.add("left out, since logical replication does not send it: "
                    + String.join(", ", facts.unpublishable()));
        }
        if (facts.isSuperuser()) {
            notes.add("the connector would log in as " + facts.user()
                    + ", a superuser: debezium/role.sql makes a role of its own (docs/how-to/secure.md)");
        }
    }
}
