package io.neurflow.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.testkit.PlantedBlocks;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedPictures;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What certificates say of circuits whose worth is known: P9, P10, P13, P14, P15. */
class CertificateTest {
    /** 200 as wished, or as many as a build has time for. */
    private static final int NULL_SEEDS = Integer.getInteger("neurflow.nullSeeds", 40);

    private static ConceptCircuit circuit(ModelProbe probe, PlantedModel model) {
        return CircuitBuilder.using(CoreConceptFinder.over(probe)
                        .topPatches(model.topPatches())
                        .maxCoreNeurons(model.coreNeurons()))
                .build(model.truth().root().in(probe), model.pictures());
    }

    @Test
    void theCircuitCarriesWhatItsCertificateSays() {
        PlantedModel model = PlantedCircuits.distractors(1);
        try (ModelProbe probe = model.probe()) {
            ConceptCircuit plain = circuit(probe, model);
            Certifier certifier = Certifier.over(probe).draws(20);
            Certificate certificate = certifier.certify(plain, model.pictures(), model.heldOut());
            ConceptCircuit certified = certifier.certified(plain, model.pictures(), model.heldOut());
            assertThat(certified).isEqualTo(plain.withCertificate(certificate.summary()));
            CircuitCertificate summary = certified.certificate().orElseThrow();
            assertThat(summary.betterThanRandom()).isEqualTo(certificate.betterThanRandom());
            assertThat(summary.ablations()).hasSize(3).first().satisfies(zero -> {
                assertThat(zero.ablation()).isEqualTo("zero");
                assertThat(zero.keep())
                        .isEqualTo(certificate.control(Ablation.ZERO).keep());
                assertThat(zero.p())
                        .isEqualTo(certificate.control(Ablation.ZERO).p());
            });
            assertThat(String.join("\n", summary.lines())).isEqualTo(certificate.toString());
            assertThat(certified.toString())
                    .startsWith(plain.toString())
                    .contains("certificate: " + (summary.betterThanRandom() ? "better" : "no better"));
            assertThat(plain.certificate()).isEmpty();
        }
    }

    private static Certificate certificate(PlantedModel model) {
        try (ModelProbe probe = model.probe()) {
            return Certifier.over(probe).draws(200).certify(circuit(probe, model), model.pictures(), model.heldOut());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"thresholds", "distractors"})
    void aPlantedCircuitIsBetterThanRandomCompleteAndAsItsEdgesSay(String family) {
        Certificate certificate = certificate(
                Objects.requireNonNull(PlantedCircuits.families().get(family)).apply(1));
        String text = certificate.toString();
        assertThat(certificate.betterThanRandom()).as(text).isTrue();
        assertThat(certificate.tests().equivalenceP()).as(text).isGreaterThan(0.05);
        assertThat(certificate.tests().independenceP()).as(text).isGreaterThan(0.05);
        assertThat(certificate.tests().notMinimal()).as(text).isEmpty();
        for (Control control : certificate.controls()) {
            assertThat(control.keep()).as(text).isBetween(0.99, 1.01);
            assertThat(control.remove()).as(text).isBetween(-0.01, 0.01);
        }
        assertThat(certificate.audit().signAgreement()).as(text).isEqualTo(1);
        assertThat(certificate.audit().rSquared()).as(text).isGreaterThan(0.9);
        assertThat(certificate.audit().slope()).as(text).isBetween(0.8, 1.3);
        assertThat(text).startsWith("certificate for the circuit of logits#").contains("better than random", "CMD");
    }

    @Test
    void p9RedundantUnitsAreFlagged() {
        Certificate certificate = certificate(PlantedCircuits.redundancy(1));
        // in so small a network some random circuits of this size are as good: the verdict is not asked for
        assertThat(certificate.control(Ablation.ZERO).keep()).isBetween(0.99, 1.01);
        assertThat(certificate.tests().notMinimal().stream()
                        .filter(neuron -> neuron.layer().name().equals("trios")))
                .as("%s", certificate)
                .hasSize(9);
    }

    @Test
    void p10InteractionsHaveTheSignOfTheGate() {
        assertThat(interaction(PlantedBlocks.Gate.OR)).isGreaterThan(0.5);
        assertThat(interaction(PlantedBlocks.Gate.AND)).isLessThan(-0.5);
    }

    private static double interaction(PlantedBlocks.Gate gate) {
        return certificate(PlantedBlocks.gate(1, gate))
                .audit()
                .interactions()
                .get(0)
                .excess();
    }

    @Test
    void p13WhereNothingIsBetterTheVerdictIsRareEnough() {
        int better = 0;
        for (long seed = 1; seed <= NULL_SEEDS; seed++) {
            PlantedModel model = PlantedBlocks.alike(seed);
            try (ModelProbe probe = model.probe()) {
                Certificate certificate = Certifier.over(probe)
                        .seed(seed)
                        .auditing(0, 0)
                        .certify(circuit(probe, model), model.pictures(), model.heldOut());
                better += certificate.betterThanRandom() ? 1 : 0;
            }
        }
        // what a rate of alpha exceeds once in twenty times
        double most = 0.05 * NULL_SEEDS + 1.645 * Math.sqrt(0.05 * 0.95 * NULL_SEEDS);
        assertThat(better).as("of %s", NULL_SEEDS).isLessThanOrEqualTo((int) Math.ceil(most));
    }

    @Test
    void p14IntervalsOverImagesCoverTheMeanAsOftenAsTheySay() {
        int images = 25;
        int covered = 0;
        int all = 0;
        int runs = 100;
        double[] truth = means(PlantedBlocks.duplicates(9_000, 4_000, 1));
        int wider = 0;
        for (int run = 0; run < runs; run++) {
            PlantedModel model = PlantedBlocks.duplicates(10_000 + run, images, 8);
            try (ModelProbe probe = model.probe()) {
                ImportanceScores scores = scores(probe, model.pictures(), model);
                ImmutableIntArray byImage = ImmutableIntArray.copyOf(
                        model.pictures().patches().stream().mapToInt(patch -> patch.image()));
                ImmutableIntArray byPatch = ImmutableIntArray.copyOf(IntStream.range(0, byImage.length()));
                Stability honest = Stability.of(scores, byImage, 4, 400, run);
                Stability naive = Stability.of(scores, byPatch, 4, 400, run);
                for (Stability.Source source : honest.sources()) {
                    double mean = truth[source.neuron().channel()];
                    covered += source.low() <= mean && mean <= source.high() ? 1 : 0;
                    all++;
                }
                wider += width(honest) > 2 * width(naive) ? 1 : 0;
            }
        }
        assertThat((double) covered / all).isBetween(0.90, 0.98);
        assertThat(wider).isGreaterThan(runs * 9 / 10);
    }

    private static double width(Stability stability) {
        return stability.sources().stream()
                .mapToDouble(source -> source.high() - source.low())
                .sum();
    }

    private static double[] means(PlantedModel model) {
        try (ModelProbe probe = model.probe()) {
            double[] sums = scores(probe, model.pictures(), model).sums();
            int count = model.pictures().patches().size();
            return Arrays.stream(sums).map(sum -> sum / count).toArray();
        }
    }

    /** The unit is linear, so that one point is exact. */
    private static ImportanceScores scores(ModelProbe probe, PlantedPictures pictures, PlantedModel model) {
        Layer below = probe.layers().get(0);
        Tensor inputs = pictures.inputs(
                ImmutableIntArray.copyOf(IntStream.range(0, pictures.patches().size())));
        return probe.importance(
                below, probe.forward(inputs, below), model.truth().root().in(probe), Quadrature.midpoint(1));
    }

    @Test
    void p15WhereFeaturesAreRotatedTheCertificateSaysThatMuchIsMissing() {
        for (long seed = 1; seed <= 3; seed++) {
            Certificate certificate = certificate(PlantedBlocks.rotated(seed));
            Control control = certificate.control(Ablation.ZERO);
            boolean claimsAll = Math.abs(1 - control.keep()) < 0.05 && Math.abs(control.remove()) < 0.05;
            assertThat(claimsAll).as("%s", certificate).isFalse();
        }
    }

    @Test
    void whatDoesNotBelongTogetherIsRefused() {
        PlantedModel model = PlantedBlocks.alike(1);
        PlantedModel other = PlantedCircuits.chain(1);
        try (ModelProbe probe = model.probe();
                ModelProbe foreign = other.probe()) {
            ConceptCircuit circuit = circuit(probe, model);
            assertThatThrownBy(() -> Certifier.over(foreign).certify(circuit, model.pictures(), model.heldOut()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a circuit of this probe");
            assertThatThrownBy(() -> Certifier.over(probe).certify(circuit, model.heldOut(), model.heldOut()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("patches that the circuit was found from");
        }
    }
}
