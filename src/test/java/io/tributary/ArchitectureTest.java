package io.tributary;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

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
        "..aggregate.."
    };

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.tributary.(*)..").should().beFreeOfCycles();

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

    @ArchTest
    static final ArchRule changelogSeesNoOtherRoom = noClasses()
            .that()
            .resideInAPackage("..changelog..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..decode..", "..source..", "..lake..", "..console..", "..local..", "..cli..");

    @ArchTest
    static final ArchRule lakeSeesNoOtherRoom = noClasses()
            .that()
            .resideInAPackage("..lake..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..decode..", "..source..", "..changelog..", "..console..", "..local..", "..cli..");

    @ArchTest
    static final ArchRule warehouseSeesNoOtherRoom = noClasses()
            .that()
            .resideInAPackage("..warehouse..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..decode..", "..source..", "..changelog..", "..lake..", "..console..", "..config..", "..cli..");

    @ArchTest
    static final ArchRule decodeSeesNoOtherRoom = noClasses()
            .that()
            .resideInAPackage("..decode..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..changelog..", "..source..", "..lake..", "..console..", "..local..", "..cli..");

    @ArchTest
    static final ArchRule onlyCommandsUseTheLocalStack = noClasses()
            .that()
            .resideOutsideOfPackages("..local..", "..cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..local..", "..cli..");

    @ArchTest
    static final ArchRule onlyOneClassKnowsDeltaKernelsActions = noClasses()
            .that()
            .doNotHaveSimpleName("DeltaTables")
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
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
}
