package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Tensor;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Intervention;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.attribution.Attributions;
import io.neurflow.core.experiment.KnockOutLosses.Loss;
import io.neurflow.core.experiment.KnockOutLosses.Target;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.planted.PlantedGraphs;
import io.neurflow.core.reference.ReferenceProbe;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import io.neurflow.core.rival.Rivals;
import io.neurflow.testkit.PlantedCircuits;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures 4, 6, 11 and 12 where the right answer is known. */
class KnockOutStudyTest {
    private static KnockOutLosses study(PlantedModel model, long seed) {
        try (PlantedProbe probe = model.probe()) {
            return KnockOutStudy.with(finder(model, probe))
                    .rankings(List.of(Rivals.random(1), Rivals.meanActivation()))
                    .sizes(1, 3, 5)
                    .targets(6)
                    .sets(20)
                    .seed(seed)
                    .measure(model.truth().root().in(probe), activations(model, probe));
        }
    }

    private static CoreConceptFinder finder(PlantedModel model, PlantedProbe probe) {
        return CoreConceptFinder.over(probe).topPatches(model.topPatches()).maxCoreNeurons(model.coreNeurons());
    }

    private static PatchActivations activations(PlantedModel model, PlantedProbe probe) {
        return PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
    }

    @Test
    void scoresOfALinearBlockPredictTheFallExactly() {
        WeightLossCorrelation correlation = WeightLossCorrelation.of(study(PlantedCircuits.chain(1), 1));
        assertThat(correlation.rows()).hasSize(9).allSatisfy(row -> {
            assertThat(row.dropPearson().low()).isCloseTo(1, within(1e-9));
            assertThat(row.dropPearson().units()).isBetween(3, 6);
        });
        // With one neuron at a time magnitudes predict what is lost of the concept, too: not all of it, as it has ranks
        // only.
        assertThat(correlation.rows().stream()
                        .filter(row -> row.size() == 1)
                        .mapToDouble(row -> row.pearson().mean())
                        .min()
                        .orElseThrow())
                .isGreaterThan(0.6);
    }

    @Test
    void lossesAreThoseOfDefinition2OneByOne() {
        PlantedModel model = PlantedCircuits.thresholds(2);
        KnockOutLosses losses = study(model, 2);
        try (PlantedProbe probe = model.probe()) {
            PatchActivations activations = activations(model, probe);
            Tensor pictures = model.pictures()
                    .inputs(ImmutableIntArray.copyOf(
                            IntStream.range(0, model.pictures().patches().size())));
            for (Target target : losses.targets()) {
                Neuron neuron = target.neuron();
                NeuronConcept concept = activations.concept(neuron, model.topPatches());
                for (Loss loss : List.of(
                        target.random().get(0),
                        target.random().get(30),
                        target.core().get(1))) {
                    Intervention change = Intervention.knockOut(loss.channels().stream()
                            .mapToObj(target.pair().below()::neuron)
                            .toList());
                    assertThat(loss.overlap())
                            .isEqualTo(concept.conceptOverlap(
                                    change.concept(probe, model.pictures(), neuron, model.topPatches())));
                    double[][] after =
                            change.forward(probe, pictures, neuron.layer()).spatialMeans();
                    double drop = concept.patches().stream()
                            .mapToDouble(v -> activations.activation(neuron, v) - after[v][neuron.channel()])
                            .average()
                            .orElseThrow();
                    assertThat(loss.drop()).isCloseTo(drop, within(1e-6));
                }
            }
        }
    }

    @Test
    void choicesAreTheTopOfEachRankingAndLoseWhatAnInterventionLoses() {
        PlantedModel model = PlantedCircuits.distractors(2);
        try (PlantedProbe probe = model.probe()) {
            PatchActivations activations = activations(model, probe);
            Neuron root = model.truth().root().in(probe);
            GraphLayers graph = PlantedGraphs.of(model.net());
            List<ChannelRanking> rankings = List.of(
                    Rivals.attribution(Attributions.lrpZPlus(graph)),
                    Rivals.attribution(Attributions.saliency()),
                    Rivals.supporting(Rivals.singleKnockOut()),
                    Rivals.meanActivation());
            AtomicLong clock = new AtomicLong();
            AttributionChoices found = KnockOutStudy.with(finder(model, probe))
                    .rankings(rankings)
                    .targets(4)
                    .seed(3)
                    .choices(root, activations, () -> clock.getAndAdd(1_000_000_000));
            assertThat(found.rows()).extracting(AttributionChoices.Row::seconds).containsOnly(1.0);
            for (AttributionChoices.Choice choice : found.choices()) {
                NeuronConcept concept = activations.concept(choice.neuron(), model.topPatches());
                Layer below = choice.pair().below();
                Intervention change = Intervention.knockOut(
                        choice.channels().stream().mapToObj(below::neuron).toList());
                assertThat(choice.overlap())
                        .isEqualTo(concept.conceptOverlap(
                                change.concept(probe, model.pictures(), choice.neuron(), model.topPatches())));
                rankings.stream()
                        .filter(ranking -> ranking.name().equals(choice.ranking()))
                        .forEach(ranking -> assertThat(ranking.best(
                                        Question.of(probe, concept, below, model.pictures()), model.coreNeurons()))
                                .isEqualTo(choice.channels()));
            }
            // distractors mislead who looks at activation alone, and the first row of each pair is ours
            for (LayerPair pair : Targets.pairs(probe.layers())) {
                List<AttributionChoices.Row> rows = found.rows().stream()
                        .filter(row -> row.pair().equals(pair))
                        .toList();
                assertThat(rows)
                        .extracting(AttributionChoices.Row::ranking)
                        .containsExactly(
                                "importance score T",
                                "LRP-z+",
                                "saliency",
                                "single knock-out, positive only",
                                "mean activation");
                assertThat(rows.get(0).same().mean()).isEqualTo(1);
                assertThat(rows.get(0).lessOurs().mean()).isZero();
                assertThat(rows.get(4).lessOurs().mean()).isGreaterThanOrEqualTo(0);
            }
            assertThat(found.table().rows()).hasSize(5 * (probe.layers().size() - 1));
            assertThat(found.charts()).hasSize(2);
        }
    }

    @Test
    void aNetworkOfTheTargetsAloneLosesWhatTheWholeOneLoses() {
        PlantedModel model = PlantedCircuits.skipAndConcat(6);
        GraphLayers opened = PlantedGraphs.of(model.net());
        try (ModelProbe probe = ReferenceProbe.open(opened)) {
            KnockOutStudy study = KnockOutStudy.with(
                            CoreConceptFinder.over(probe).topPatches(model.topPatches()))
                    .sizes(1, 3)
                    .targets(3)
                    .sets(20);
            PatchActivations activations =
                    PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
            Neuron root = probe.logits().neuron(0);
            List<Target> whole = study.measure(root, activations).targets();
            List<GraphLayers> cut = new ArrayList<>();
            List<Target> narrow = study.narrowed(opened, graph -> {
                        cut.add(graph);
                        return ReferenceProbe.open(graph);
                    })
                    .measure(root, activations)
                    .targets();
            assertThat(cut).hasSize(probe.layers().size() - 1).allSatisfy(graph -> {
                assertThat(graph.layers()).hasSize(1);
                assertThat(graph.layers().get(0).shape().channels()).isLessThanOrEqualTo(3);
            });
            assertThat(narrow).hasSameSizeAs(whole);
            for (int t = 0; t < whole.size(); t++) {
                assertThat(narrow.get(t).neuron()).isEqualTo(whole.get(t).neuron());
                assertSame(narrow.get(t).random(), whole.get(t).random());
                assertSame(narrow.get(t).core(), whole.get(t).core());
            }
            assertThatThrownBy(() -> study.narrowed(
                            PlantedGraphs.of(PlantedCircuits.chain(1).net()), ReferenceProbe::open))
                    .hasMessageContaining("was opened with");
        }
    }

    private static void assertSame(List<Loss> ours, List<Loss> expected) {
        assertThat(ours).hasSameSizeAs(expected);
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i).channels()).isEqualTo(expected.get(i).channels());
            assertThat(ours.get(i).overlap()).isEqualTo(expected.get(i).overlap());
            assertThat(ours.get(i).drop()).isCloseTo(expected.get(i).drop(), within(1e-6));
        }
    }

    @Test
    void coreSetsAreTheLargestScoresAndLoseMoreThanRandomOnes() {
        KnockOutLosses losses = study(PlantedCircuits.distractors(3), 3);
        for (Target target : losses.targets()) {
            List<Integer> order = KnockOutStudy.order(target.scores().get(KnockOutLosses.OURS))
                    .asList();
            target.core()
                    .forEach(loss -> assertThat(loss.channels().asList()).isEqualTo(order.subList(0, loss.size())));
            assertThat(target.random()).hasSize(60).allSatisfy(loss -> assertThat(
                            ImmutableSet.copyOf(loss.channels().asList()))
                    .hasSize(loss.size()));
        }
        Optimality optimality = Optimality.of(losses);
        assertThat(optimality.rows()).hasSize(6).allSatisfy(row -> {
            assertThat(row.difference().mean()).isGreaterThan(0.1);
            assertThat(row.difference().mean())
                    .isCloseTo(row.random().mean() - row.core().mean(), within(1e-12));
            assertThat(row.better()).isLessThan(0.2);
        });
    }

    @Test
    void oursPredictBetterThanActivationAndChanceAndSumsBetterThanMeans() {
        KnockOutLosses losses = study(PlantedCircuits.distractors(4), 4);
        Map<String, Double> worst = new HashMap<>();
        AttributionComparison.of(losses)
                .rows()
                .forEach(row -> worst.merge(row.ranking(), row.lessOurs().mean(), Math::max));
        assertThat(worst.get(KnockOutLosses.OURS)).isZero();
        assertThat(worst.get("random")).isLessThan(-0.2);
        assertThat(worst.get("mean activation")).isLessThan(0);
        assertThat(SumAgainstAverage.of(losses).rows())
                .allSatisfy(row -> assertThat(row.difference().mean()).isPositive());
    }

    @Test
    void theSeedDecidesEverything(@TempDir Path folder) throws IOException {
        PlantedModel model = PlantedCircuits.chain(5);
        KnockOutLosses one = study(model, 1);
        assertThat(study(model, 1)).isEqualTo(one);
        KnockOutLosses other = study(model, 2);
        assertThat(other.targets().get(0).random().get(0).channels())
                .isNotEqualTo(one.targets().get(0).random().get(0).channels());
        // the root is a target of its layer whatever the seed
        assertThat(one.targets().get(0).neuron())
                .isEqualTo(other.targets().get(0).neuron());
        Set<String> names = new HashSet<>();
        for (ExperimentResult result : ImmutableList.of(
                Optimality.of(one),
                WeightLossCorrelation.of(one),
                AttributionComparison.of(one),
                SumAgainstAverage.of(one))) {
            assertThat(result.markdown()).startsWith("## " + result.name()).contains("seed 1");
            result.write(folder).forEach(file -> names.add(file.getFileName().toString()));
            assertThat(ResultTableTest.parse(Files.readString(folder.resolve(result.name() + ".csv"))))
                    .hasSize(1 + result.table().rows().size());
        }
        assertThat(names).contains("optimality.csv", "weight-loss-correlation-2.svg", "sum-against-average.png");
    }

    @Test
    void settingsThatSayLittleAreRefused() {
        PlantedModel model = PlantedCircuits.chain(1);
        try (PlantedProbe probe = model.probe()) {
            KnockOutStudy study = KnockOutStudy.with(finder(model, probe));
            assertThatThrownBy(() -> study.sets(19)).hasMessageContaining("expected 20 random sets or more");
            assertThatThrownBy(() -> study.sizes(0)).hasMessageContaining("1 or more");
            assertThatThrownBy(() -> study.targets(0)).hasMessageContaining("one target or more");
            assertThatThrownBy(
                            () -> study.sizes(500).measure(model.truth().root().in(probe), activations(model, probe)))
                    .hasMessageContaining("say smaller ones");
        }
    }
}
