package io.tributary;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Every test says what it needs, so that the quick ones can be run alone. */
@Pure
class TagsTest {
    private static final List<Class<? extends Annotation>> TAGS = List.of(Pure.class, Harness.class, Server.class);
    private static final List<Class<? extends Annotation>> TESTS =
            List.of(Test.class, ParameterizedTest.class, Property.class);

    /** What lies beyond the tests need not be read: it is known by its name. */
    private final JavaClasses classes = ArchConfiguration.withThreadLocalScope(configuration -> {
        configuration.setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter(List.of(new ImportOption.OnlyIncludeTests()))
                .importPackages("io.tributary", "com.example");
    });

    private static boolean hasTests(JavaClass each) {
        return each.getMethods().stream().anyMatch(method -> TESTS.stream().anyMatch(method::isAnnotatedWith));
    }

    private static JavaClass outermost(JavaClass each) {
        return each.getEnclosingClass().map(TagsTest::outermost).orElse(each);
    }

    private static List<String> tags(JavaClass each) {
        return TAGS.stream()
                .filter(each::isAnnotatedWith)
                .map(Class::getSimpleName)
                .toList();
    }

    /** Of two classes of one name the tests would see their own, and others fail by what it does not have. */
    @Test
    void noTestClassIsCalledAsOneOfOurs() throws IOException {
        List<String> twice = new ArrayList<>();
        for (JavaClass each : classes) {
            String file = each.getName().replace('.', '/') + ".class";
            if (Collections.list(getClass().getClassLoader().getResources(file)).size() > 1) {
                twice.add(each.getName());
            }
        }
        assertThat(classes).hasSizeGreaterThan(200);
        assertThat(twice).allMatch(name -> name.endsWith("package-info"));
    }

    @Test
    void everyTestHasOneTag() {
        List<JavaClass> tests = classes.stream()
                .filter(TagsTest::hasTests)
                .map(TagsTest::outermost)
                .filter(each -> !each.getModifiers().contains(JavaModifier.ABSTRACT))
                .distinct()
                .toList();
        assertThat(tests)
                .hasSizeGreaterThan(100)
                .allSatisfy(each -> assertThat(tags(each)).as(each.getName()).hasSize(1));
        Stream<JavaClass> all = tests.stream();
        assertThat(all.flatMap(each -> tags(each).stream()).distinct()).hasSize(TAGS.size());
    }

    @Test
    void pureTestsStartNothing() {
        noClasses()
                .that()
                .areAnnotatedWith(Pure.class)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.apache.flink.runtime.minicluster..",
                        "org.apache.flink.streaming.util..",
                        "org.apache.flink.streaming.api.environment..",
                        "org.apache.kafka.clients.admin..",
                        "org.apache.kafka.clients.consumer.."))
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("org\\.apache\\.kafka\\.clients\\.producer\\.KafkaProducer")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "io\\.tributary\\.local\\.(TestCluster|PostgresServer|KafkaBroker|ConnectWorker|LocalStack)")
                .check(classes);
    }
}
