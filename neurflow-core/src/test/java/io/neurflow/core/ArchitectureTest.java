package io.neurflow.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fences of the house. */
class ArchitectureTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.neurflow");

    private static final String[] ND4J = {"org.nd4j..", "org.deeplearning4j..", "org.bytedeco.."};

    @Test
    void theRulesSeeTheHouse() {
        assertThat(HOUSE.size()).isGreaterThan(60);
        assertThat(HOUSE.contain(CircuitBuilder.class)).isTrue();
        assertThat(HOUSE.contain("io.neurflow.core.samediff.SameDiffProbe")).isTrue();
    }

    @Test
    void theApiSeesTheJdkGuavaAndJSpecifyOnlyAndItsTestKitJUnitToo() {
        classes()
                .that()
                .resideInAPackage("io.neurflow.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "io.neurflow.api..",
                        "com.google.common..",
                        "com.google.errorprone..",
                        "org.jspecify..")
                .check(HOUSE);
        classes()
                .that()
                .resideInAPackage("io.neurflow.testkit..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "io.neurflow.api..",
                        "io.neurflow.testkit..",
                        "com.google.common..",
                        "org.jspecify..",
                        "org.junit.jupiter.api..",
                        "org.opentest4j..",
                        "org.junit.platform..",
                        "org.apiguardian..")
                .check(HOUSE);
    }

    @Test
    void nd4jStaysBehindItsFence() {
        noClasses()
                .that()
                .resideInAPackage("io.neurflow.core..")
                .and()
                .resideOutsideOfPackage("io.neurflow.core.samediff..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ND4J)
                .check(HOUSE);
    }

    @Test
    void oneClassDrawsCharts() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.neurflow.core.experiment.ChartPicture")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.knowm..", "de.erichseifert..")
                .check(HOUSE);
    }

    @Test
    void noPublicSignatureNamesAVendorsType() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .arePublic()
                .should(new ArchCondition<>("name no type of ND4J, Smile, ELK, EMF, Jackson, jHDF, XChart or such") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        if (method.getFullName().contains("label.langchain4j.LangChainModel.of(")) {
                            return; // what the class is for: it turns their type into ours
                        }
                        Stream.concat(Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
                                .filter(type -> Stream.of(
                                                "org.nd4j.",
                                                "org.bytedeco.",
                                                "smile.",
                                                "org.eclipse.",
                                                "com.fasterxml.",
                                                "io.jhdf.",
                                                "dev.langchain4j.",
                                                "org.knowm.")
                                        .anyMatch(type.getName()::startsWith))
                                .forEach(type -> events.add(SimpleConditionEvent.violated(
                                        method, method.getFullName() + " names " + type.getName())));
                    }
                })
                .check(HOUSE.that(in("io.neurflow.api..", "io.neurflow.core..")));
    }

    private static DescribedPredicate<JavaClass> in(String... packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages);
    }

    @Test
    void theMethodKnowsNoEngineNoImporterAndNoPicture() {
        noClasses()
                .that()
                .resideInAnyPackage("io.neurflow.core", "io.neurflow.core.cluster..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.neurflow.core.graph..",
                        "io.neurflow.core.onnx..",
                        "io.neurflow.core.keras..",
                        "io.neurflow.core.dl4j..",
                        "io.neurflow.core.reference..",
                        "io.neurflow.core.samediff..",
                        "io.neurflow.core.image..",
                        "io.neurflow.core.report..")
                .check(HOUSE);
    }

    @Test
    void importersAndProbesMeetInTheNetworkGraphOnly() {
        noClasses()
                .that()
                .resideInAPackage("io.neurflow.core.graph..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.neurflow.core.onnx..",
                        "io.neurflow.core.keras..",
                        "io.neurflow.core.dl4j..",
                        "io.neurflow.core.reference..",
                        "io.neurflow.core.samediff..")
                .check(HOUSE);
        noClasses()
                .that()
                .resideInAnyPackage("io.neurflow.core.onnx..", "io.neurflow.core.keras..", "io.neurflow.core.dl4j..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.neurflow.core.reference..", "io.neurflow.core.samediff..")
                .check(HOUSE);
    }

    /** GraphML and SVG are written only; what parses no XML cannot be made to fetch an entity, and no file names a class. */
    @Test
    void nothingParsesXmlOrReadsSerialisedObjects() {
        noClasses()
                .that()
                .resideInAPackage("io.neurflow..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "javax\\.xml\\.parsers\\..*|org\\.xml\\.sax\\..*|javax\\.xml\\.transform\\..*|javax\\.xml\\.xpath\\..*"
                                + "|javax\\.xml\\.stream\\.XML(InputFactory|StreamReader|EventReader)|java\\.beans\\.XMLDecoder"
                                + "|java\\.io\\.ObjectInputStream")
                .check(HOUSE);
    }

    @Test
    void everyLibraryHasOneRoom() {
        onlyIn("smile..", "io.neurflow.core.cluster..");
        onlyIn("org.eclipse.elk..", "io.neurflow.core.report..");
        onlyIn("io.jhdf..", "io.neurflow.core.keras..");
        onlyIn("dev.langchain4j..", "io.neurflow.core.label.langchain4j..");
    }

    /** The dependency is optional, so nothing that works without it may need its room. */
    @Test
    void labelsDoNotNeedLangChain() {
        noClasses()
                .that()
                .resideInAPackage("io.neurflow.core..")
                .and()
                .resideOutsideOfPackage("io.neurflow.core.label.langchain4j..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.neurflow.core.label.langchain4j..")
                .check(HOUSE);
        assertThat(HOUSE.contain("io.neurflow.core.label.langchain4j.LangChainModel"))
                .isTrue();
    }

    private static void onlyIn(String library, String room) {
        noClasses()
                .that()
                .resideInAPackage("io.neurflow..")
                .and()
                .resideOutsideOfPackage(room)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(HOUSE);
    }

    @Test
    void roomsDoNotLookAtEachOtherInCircles() {
        slices().matching("io.neurflow.core.(*)..").should().beFreeOfCycles().check(HOUSE);
    }
}
