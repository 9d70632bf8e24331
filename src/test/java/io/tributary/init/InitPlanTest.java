package io.tributary.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import io.tributary.config.PipelineFile;
import io.tributary.connect.DatabaseTable;
import io.tributary.flow.ConfigException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
class InitPlanTest {
    private static final Path SHIPPED = Path.of("debezium/postgres.json");
    private static final Set<String> BOTH = Set.of("public.a", "public.b");

    /** Of a role that may do all, on a server that lacks nothing; each test takes something away. */
    private static final class Facts {
        private String walLevel = "logical";
        private int slots = 5;
        private int senders = 5;
        private boolean replicates = true;
        private boolean creates = true;
        private boolean signals;
        private @Nullable Set<String> published;
        private boolean ownsPublication;
        private List<DatabaseTable> tables = List.of(table("a", 'd', "id"), table("b", 'd', "id", "no"));

        SourceFacts get() {
            return new SourceFacts(
                    "18.1",
                    walLevel,
                    slots,
                    senders,
                    "me",
                    false,
                    replicates,
                    creates,
                    signals,
                    published,
                    ownsPublication,
                    tables,
                    List.of());
        }

        void lack(String what) {
            switch (what) {
                case "wal" -> walLevel = "replica";
                case "slots" -> slots = 0;
                case "senders" -> senders = 0;
                case "replication" -> replicates = false;
                case "create" -> creates = false;
                case "create, with all made" -> {
                    creates = false;
                    signals = true;
                    published = Set.of("public.a", "public.b", SourceFacts.SIGNALS);
                }
                case "reading" ->
                    tables = tables.stream().map(InitPlanTest::unreadable).toList();
                case "owning" ->
                    tables = tables.stream().map(InitPlanTest::ofOthers).toList();
                case "owning, published" -> {
                    lack("owning");
                    published = BOTH;
                }
                case "owning, half published" -> {
                    lack("owning");
                    published = Set.of("public.a");
                }
                case "identity" -> tables = List.of(table("a", 'd'), table("b", 'n', "id"));
                case "identity, and owning" -> {
                    lack("identity");
                    lack("owning");
                }
                default -> assertThat(what).isEqualTo("nothing");
            }
        }
    }

    private static DatabaseTable table(String name, char identity, String... key) {
        return new DatabaseTable("public", name, identity, Arrays.asList(key), true, true, false, "", -1);
    }

    private static DatabaseTable unreadable(DatabaseTable of) {
        return new DatabaseTable(of.schema(), of.name(), of.identity(), of.key(), false, true, false, "", -1);
    }

    private static DatabaseTable ofOthers(DatabaseTable of) {
        return new DatabaseTable(of.schema(), of.name(), of.identity(), of.key(), true, false, false, "", -1);
    }

    private static InitChoices choices(String... tables) {
        return new InitChoices("db", "5432", "shop", "me", "shop", List.of(tables), "/data/lake", null, "tributary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // lacking | statements of the administrator, the last words of each | restarts | the connector
                // publishes
                "nothing                 |                                                        |       | true",
                "wal                     | wal_level = logical                                    | wal_level = logical | true",
                "slots                   | max_replication_slots = 20                             | max_replication_slots = 20 | true",
                "senders                 | max_wal_senders = 20                                   | max_wal_senders = 20 | true",
                "replication             | alter role \"me\" replication                          |       | true",
                "create                  | exists tributary; data varchar(2048)); tributary to \"me\"; debezium_signal to \"me\"; \"b\", tributary.debezium_signal | | false",
                "create, with all made   |                                                        |       | false",
                "reading                 | schema \"public\" to \"me\"; on \"public\".\"a\" to \"me\"; on \"public\".\"b\" to \"me\" | | true",
                "owning                  | exists tributary; data varchar(2048)); tributary to \"me\"; debezium_signal to \"me\"; \"b\", tributary.debezium_signal | | false",
                "owning, published       | exists tributary; data varchar(2048)); tributary to \"me\"; debezium_signal to \"me\"; add table tributary.debezium_signal | | false",
                "owning, half published  | exists tributary; data varchar(2048)); tributary to \"me\"; debezium_signal to \"me\"; \"shop\" add table \"public\".\"b\"; add table tributary.debezium_signal | | false",
                "identity                |                                                        |       | true",
                "identity, and owning    | \"a\" replica identity full; \"b\" replica identity default; exists tributary; data varchar(2048)); tributary to \"me\"; debezium_signal to \"me\"; \"b\", tributary.debezium_signal | | false",
            })
    void whatTheRoleMayNotDoIsTheAdministrators(
            String lacking, @Nullable String statements, @Nullable String restarts, boolean publishes) {
        Facts facts = new Facts();
        facts.lack(lacking);

        InitPlan plan = InitPlan.of(facts.get(), choices());

        String[] expected = statements == null ? new String[0] : statements.split("; ");
        assertThat(plan.byAdministrator()).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(plan.byAdministrator().get(i).replace("tributary_shop", "shop"))
                    .endsWith(expected[i]);
        }
        assertThat(plan.restarts()).isEqualTo(restarts);
        assertThat(plan.publishes()).isEqualTo(publishes);
    }

    @Test
    void whatTheRoleOwnsTheConnectorGivesAnIdentity() throws Exception {
        Facts facts = new Facts();
        facts.lack("identity");
        InitPlan plan = InitPlan.of(facts.get(), choices());

        JsonNode connector = connector(choices(), plan);

        assertThat(connector.get("replica.identity.autoset.values").asText())
                .isEqualTo("public\\.a:FULL,public\\.b:DEFAULT");
    }

    @Test
    void partitionsComeAsRowsOfTheirTableAndEachIsGivenAnIdentity() throws Exception {
        Facts facts = new Facts();
        facts.tables = List.of(
                new DatabaseTable("public", "whole", 'd', List.of(), true, true, true, "", -1),
                new DatabaseTable("public", "part", 'd', List.of(), true, true, false, "public.whole", -1),
                table("other", 'd', "id"));
        InitPlan plan = InitPlan.of(facts.get(), choices("public\\.whole"));

        JsonNode connector = connector(choices(), plan);

        assertThat(plan.tables()).extracting(DatabaseTable::name).containsExactly("whole");
        assertThat(connector.get("table.include.list").asText()).isEqualTo("public\\.whole");
        assertThat(connector.get("publish.via.partition.root").asText()).isEqualTo("true");
        assertThat(connector.get("replica.identity.autoset.values").asText())
                .isEqualTo("public\\.whole:FULL,public\\.part:FULL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "With Spaces", "a,b", "a:b", "a.b", "it's", "x{1}", "(a|b)*", "ünï", "#", "no", "on"})
    void everyNameOfATableIsNamedInBothFilesAndNoOther(String name) throws Exception {
        Facts facts = new Facts();
        facts.tables = List.of(table(name, 'd', "id"));
        InitPlan plan = InitPlan.of(facts.get(), choices());

        String[] expressions =
                connector(choices(), plan).get("table.include.list").asText().split(",", -1);
        String yaml = InitFiles.pipeline(
                choices(), plan, facts.get(), Map.of("public." + name, Map.of(name, "decimal(38,4)")));

        assertThat(expressions).hasSize(1);
        assertThat(("public." + name)).matches(expressions[0]);
        assertThat("public." + name + "x").doesNotMatch(Pattern.compile(expressions[0]));
        var tables = PipelineFile.parse(yaml, Map.of(), Map.of()).tables();
        assertThat(tables).containsOnlyKeys("public." + name);
        assertThat(Objects.requireNonNull(tables.get("public." + name)).types())
                .isEqualTo(Map.of(name, "decimal(38,4)"));
    }

    @Test
    void whatWasChosenIsInTheCommandThatLooksAgain() {
        InitChoices chosen = new InitChoices(
                "db",
                "5432",
                "it's",
                "me",
                "shop",
                List.of("public\\.a", "b"),
                "s3://a/b",
                "jdbc:postgresql://w/x?a=1&b=2",
                "w");

        assertThat(chosen.options(Path.of("my shop")))
                .isEqualTo("'my shop' --force --pg-host db --pg-port 5432 --pg-database 'it'\\''s' --pg-user me"
                        + " --prefix shop --lake s3://a/b --tables 'public\\.a,b'"
                        + " --warehouse 'jdbc:postgresql://w/x?a=1&b=2' --warehouse-user w");
    }

    @Test
    void thePipelineHasWhatWasChosen() {
        InitChoices chosen = new InitChoices(
                "db", "5432", "shop", "me", "shop", List.of(), "s3://a/b", "jdbc:postgresql://w/x", "writer");
        InitPlan plan = InitPlan.of(new Facts().get(), chosen);

        String yaml = InitFiles.pipeline(chosen, plan, new Facts().get(), Map.of());

        var config = PipelineFile.parse(yaml, Map.of(), Map.of("WAREHOUSE_PASSWORD", "x"));
        assertThat(config.name()).isEqualTo("shop");
        assertThat(config.sinks()).containsOnlyKeys("lake", "warehouse");
        assertThat(Pattern.compile(config.source().topics())
                        .matcher("shop.public.a")
                        .matches())
                .isTrue();
        assertThat(yaml).contains("key id, no");
    }

    @ParameterizedTest
    @CsvSource({
        "(, '--tables' must be regular expressions",
        "public\\.c, 'is of no table; there are public.a, public.b'"
    })
    void aPatternThatCannotBeMeantIsRefused(String pattern, String told) {
        SourceFacts facts = new Facts().get();
        InitChoices chosen = choices(pattern);

        assertThatThrownBy(() -> InitPlan.of(facts, chosen))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(told);
    }

    private static JsonNode connector(InitChoices choices, InitPlan plan) throws Exception {
        return new ObjectMapper()
                .readTree(InitFiles.connector(choices, plan, SHIPPED))
                .get("config");
    }
}
