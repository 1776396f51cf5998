package io.neurflow.core.planted;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.SemanticGroup;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.PatchActivations;
import io.neurflow.core.Preset;
import io.neurflow.core.graph.GraphLayers;
import io.neurflow.core.rival.ChannelRanking;
import io.neurflow.core.rival.Question;
import io.neurflow.testkit.PlantedEdge;
import io.neurflow.testkit.PlantedModel;
import io.neurflow.testkit.PlantedProbe;
import io.neurflow.testkit.PlantedTruth;
import io.neurflow.testkit.PlantedUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One planted network on which methods are tried. */
final class Trial implements AutoCloseable {
    private final PlantedModel model;
    private final PlantedTruth truth;
    private final PlantedProbe probe;
    private final PatchActivations activations;

    Trial(PlantedModel model) {
        this.model = model;
        this.truth = model.truth();
        this.probe = model.probe();
        this.activations = PatchActivations.of(probe, model.pictures(), probe.layers(), ProgressListener.NONE);
    }

    GraphLayers graph() {
        return PlantedGraphs.of(model.net());
    }

    Neuron root() {
        return truth.root().in(probe);
    }

    double[] preset(Preset preset) {
        CoreConceptFinder finder = CoreConceptFinder.over(probe)
                .topPatches(model.topPatches())
                .maxCoreNeurons(model.coreNeurons())
                .preset(preset);
        double[] values = score(
                concept -> {
                    var scores = finder.find(concept.neuron(), activations).scores();
                    double[] ranking = scores.sums();
                    if (preset == Preset.AUTHORS_CODE) {
                        double[] magnitudes = scores.meanMagnitudes();
                        for (int c = 0; c < ranking.length; c++) {
                            ranking[c] = Math.copySign(magnitudes[c], ranking[c]);
                        }
                    }
                    return ranking;
                },
                true);
        ConceptCircuit circuit = CircuitBuilder.using(finder).preset(preset).build(root(), activations);
        values[values.length - 1] = groups(circuit);
        return values;
    }

    double[] rival(ChannelRanking ranking) {
        for (int l = 1; l < probe.layers().size(); l++) {
            if (!ranking.appliesTo(probe.layers().get(l - 1), probe.layers().get(l))) {
                double[] none = new double[ScoreRow.COLUMNS.size()];
                Arrays.fill(none, Double.NaN);
                return none;
            }
        }
        return score(
                concept -> ranking.scores(Question.of(
                        probe,
                        concept,
                        probe.layers().get(concept.neuron().layer().index() - 1),
                        model.pictures())),
                ranking.signed());
    }

    /** A ranking without signs that sees all pictures, not those of each parent's concept alone. */
    double[] onAllPictures(ChannelRanking ranking) {
        int all = model.pictures().patches().size();
        return score(
                concept -> ranking.scores(Question.of(
                        probe,
                        activations.concept(concept.neuron(), all),
                        probe.layers().get(concept.neuron().layer().index() - 1),
                        model.pictures())),
                false);
    }

    private double[] score(Function<NeuronConcept, double[]> method, boolean signed) {
        Map<PlantedUnit, double[]> known = new HashMap<>();
        Function<PlantedUnit, double[]> scores = unit ->
                known.computeIfAbsent(unit, u -> method.apply(activations.concept(u.in(probe), model.topPatches())));
        Set<PlantedUnit> nodes = walk(scores);
        Set<PlantedUnit> planted = truth.units();
        List<Double> aurocs = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        List<Double> trueShares = new ArrayList<>();
        double error = 0;
        for (PlantedUnit parent :
                truth.edges().stream().map(PlantedEdge::parent).distinct().toList()) {
            double[] found = scores.apply(parent);
            double[] contributions = contributions(parent, found.length);
            boolean[] isTrue = new boolean[found.length];
            for (PlantedUnit child : truth.childrenOf(parent)) {
                // what is silent on the whole concept has no part in it
                isTrue[child.channel()] = contributions[child.channel()] != 0;
            }
            double[] magnitudes = Arrays.stream(found).map(Math::abs).toArray();
            double auroc = Agreement.auroc(magnitudes, isTrue);
            if (!Double.isNaN(auroc)) {
                aurocs.add(auroc);
            }
            double[] chosen = new double[found.length];
            best(found).forEach(c -> chosen[c] = found[c]);
            double[] weights = shares(chosen);
            double[] trueWeights = shares(contributions);
            double[] ofPlanted = shares(masked(found, isTrue));
            double distance = 0;
            for (int c = 0; c < found.length; c++) {
                distance += Math.abs((signed ? weights[c] : Math.abs(weights[c])) - trueWeights[c]);
                if (isTrue[c]) {
                    shares.add(ofPlanted[c]);
                    trueShares.add(trueWeights[c]);
                }
            }
            error += distance
                    / truth.edges().stream().map(PlantedEdge::parent).distinct().count();
        }
        double[] a = doubles(shares);
        double[] b = doubles(trueShares);
        double right = IntStream.range(0, a.length)
                .filter(i -> Math.signum(a[i]) == Math.signum(b[i]))
                .count();
        return new double[] {
            Agreement.precision(nodes, planted),
            Agreement.recall(nodes, planted),
            Agreement.f1(nodes, planted),
            aurocs.stream().mapToDouble(x -> x).average().orElse(Double.NaN),
            Agreement.spearman(
                    Arrays.stream(a).map(Math::abs).toArray(),
                    Arrays.stream(b).map(Math::abs).toArray()),
            signed ? right / a.length : Double.NaN,
            error,
            Double.NaN
        };
    }

    /** Algorithm 3 with any ranking: from the root downwards, tau children each. */
    private Set<PlantedUnit> walk(Function<PlantedUnit, double[]> scores) {
        Set<PlantedUnit> nodes = new HashSet<>(Set.of(truth.root()));
        Set<PlantedUnit> frontier = new HashSet<>(nodes);
        for (int layer = truth.root().layer(); layer > 0; layer--) {
            Set<PlantedUnit> next = new HashSet<>();
            for (PlantedUnit unit : frontier) {
                for (int channel : best(scores.apply(unit))) {
                    next.add(new PlantedUnit(layer - 1, channel));
                }
            }
            nodes.addAll(next);
            frontier = next;
        }
        return nodes;
    }

    /** Channels with the largest magnitudes, the lower first on ties; those that score nothing are not chosen. */
    private List<Integer> best(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .filter(c -> scores[c] != 0)
                .sorted(Comparator.comparingDouble((Integer c) -> -Math.abs(scores[c])))
                .limit(model.coreNeurons())
                .toList();
    }

    /** Weight times mean activation on the concept: what a child adds to its parent's pre-activation. */
    private double[] contributions(PlantedUnit parent, int channels) {
        Layer below = probe.layers().get(parent.layer() - 1);
        NeuronConcept concept = activations.concept(parent.in(probe), model.topPatches());
        double[] contributions = new double[channels];
        for (PlantedEdge edge : truth.into(parent)) {
            int c = edge.child().channel();
            contributions[c] += concept.patches().stream()
                    .mapToDouble(v -> edge.weight() * activations.activation(below.neuron(c), v))
                    .sum();
        }
        return contributions;
    }

    private static double[] masked(double[] values, boolean[] kept) {
        double[] masked = values.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] = kept[i] ? masked[i] : 0;
        }
        return masked;
    }

    /** Eq. 4. */
    private static double[] shares(double[] values) {
        double sum = Arrays.stream(values).map(Math::abs).sum();
        return Arrays.stream(values).map(v -> sum == 0 ? 0 : v / sum).toArray();
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }

    /** Over layers in which every planted unit has another that says the same: a group of one cannot be found. */
    private double groups(ConceptCircuit circuit) {
        List<Double> indices = new ArrayList<>();
        for (Layer layer : probe.layers()) {
            List<Object> concepts = truth.units().stream()
                    .filter(unit -> unit.layer() == layer.index())
                    .map(this::concept)
                    .toList();
            long distinct = concepts.stream().distinct().count();
            if (distinct < 2 || concepts.stream().anyMatch(c -> Collections.frequency(concepts, c) < 2)) {
                continue;
            }
            List<Object> found = new ArrayList<>();
            List<Object> planted = new ArrayList<>();
            for (NeuronGroup group : circuit.at(layer)) {
                for (SemanticGroup member : group.members()) {
                    found.add(group.index());
                    planted.add(concept(PlantedUnit.of(member.neuron())));
                }
            }
            indices.add(Agreement.adjustedRand(found, planted));
        }
        return indices.stream().mapToDouble(x -> x).average().orElse(Double.NaN);
    }

    private Object concept(PlantedUnit unit) {
        return Objects.requireNonNull(truth.features().asMap().getOrDefault(unit, Set.of())).stream()
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        probe.close();
    }
}
