package io.tributary;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

@ArchTag("pure")
@AnalyzeClasses(packages = "io.tributary", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] ROOMS = {
        "..source..",
        "..decode..",
        "..changelog..",
        "..account..",
        "..lake..",
        "..warehouse..",
        "..deadletter..",
        "..console..",
        "..metrics..",
        "..aggregate..",
        "..sink..",
        "..expression..",
        "..validate..",
        "..flow..",
        "..change.."
    };

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.tributary.(*)..").should().beFreeOfCycles();

    /** Of a room without cycles between its classes, each can be read before those that use it. */
    @ArchTest
    static final ArchRule classesOfTheseRoomsHaveNoCycles = slices().assignedFrom(new SliceAssignment() {
                private static final Set<String> WITHOUT = Set.of("decode", "flow", "warehouse", "sink", "source");

                @Override
                public SliceIdentifier getIdentifierOf(JavaClass type) {
                    JavaClass outermost = type;
                    while (outermost.getEnclosingClass().isPresent()) {
                        outermost = outermost.getEnclosingClass().get();
                    }
                    // a failure that is sealed and its kinds are one
                    boolean isKind = outermost.isAssignableTo(Throwable.class)
                            && outermost
                                    .getRawSuperclass()
                                    .map(ArchitectureTest::roomOf)
                                    .isPresent();
                    JavaClass one = isKind ? outermost.getRawSuperclass().get() : outermost;
                    return WITHOUT.contains(String.valueOf(roomOf(type)))
                            ? SliceIdentifier.of(one.getName())
                            : SliceIdentifier.ignore();
                }

                @Override
                public String getDescription() {
                    return "outermost classes";
                }
            })
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule theVocabularyKnowsNoFlinkAndNoRoom = noClasses()
            .that()
            .resideInAPackage("io.tributary.change")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "org.apache.parquet..");

    @ArchTest
    static final ArchRule theCoreOfTheChangelogIsPure = noClasses()
            .that()
            .haveSimpleName("Changelog")
            .or()
            .haveSimpleName("Bucket")
            .or()
            .haveSimpleName("Decoder")
            .or()
            .haveSimpleName("ValueReader")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.flink..");

    /** What every room may know beside itself; of these, those before. */
    private static final List<String> COMMON = List.of("change", "flow", "expression", "validate");

    /** Rooms behind the door of sinks. */
    private static final Set<String> SINKS = Set.of("lake", "warehouse", "console", "deadletter");

    @ArchTest
    static final ArchRule roomsKnowTheVocabularyTheStreamTheRulesAndThemselves = classes()
            .that()
            .resideInAnyPackage(ROOMS)
            .should(new ArchCondition<>("know no room but their own, and no settings but their own") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                    String own = String.valueOf(roomOf(item));
                    int place = COMMON.indexOf(own);
                    List<String> known = place < 0 ? COMMON : COMMON.subList(0, place);
                    for (Dependency dependency : item.getDirectDependenciesFromSelf()) {
                        String room = roomOf(dependency.getTargetClass());
                        boolean isDoor = "sink".equals(room) && SINKS.contains(own);
                        if (room != null && !room.equals(own) && !known.contains(room) && !isDoor) {
                            events.add(SimpleConditionEvent.violated(item, dependency.getDescription()));
                        }
                    }
                }
            });

    /** The package right below ours; null of classes that are not ours. */
    private static @Nullable String roomOf(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        String ours = "io.tributary.";
        return name.startsWith(ours) ? name.substring(ours.length()).replaceAll("\\..*", "") : null;
    }

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses all) {
        Set<String> without = new TreeSet<>();
        for (JavaClass type : all) {
            if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                without.add(type.getPackageName());
            }
        }
        assertThat(without).isEmpty();
    }

    @ArchTest
    static final ArchRule onlyExpressionsKnowTheirLanguage = noClasses()
            .that()
            .resideOutsideOfPackage("..expression..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.cel..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule onlyCommandsUseTheLocalStack = noClasses()
            .that()
            .resideOutsideOfPackages("..local..", "..cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..local..", "..cli..");

    @ArchTest
    static final ArchRule onlyTheDeltaLogKnowsDeltaKernelsActions = noClasses()
            .that()
            .haveSimpleNameNotStartingWith("Delta")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.delta.kernel.internal.actions..");

    @ArchTest
    static final ArchRule roomsAreFinal = classes()
            .that()
            .resideInAnyPackage(ROOMS)
            .and()
            .areTopLevelClasses()
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAssignableTo(Throwable.class) // may be sealed
            .and()
            .doNotHaveModifier(JavaModifier.ABSTRACT) // these are there to be extended
            .should()
            .haveModifier(JavaModifier.FINAL);
}
