package io.neurflow.core.diff;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Counting;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.ImportanceScore;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import io.neurflow.api.SourceImage;
import io.neurflow.core.Finding;
import io.neurflow.core.FindingListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The weights W of a circuit's edges with its source images drawn again: a Bayesian bootstrap (Rubin, 1981) over images, since
 * the patches of one image are not independent. In each draw every image has a weight from the exponential distribution of
 * mean 1, and the sums of Eq. 2 are taken with it:
 *
 * <p>w(a, s, V) = &Sigma;<sub>v</sub> m<sub>image(v)</sub> T[v, s] / &Sigma;<sub>s'</sub> |&Sigma;<sub>v</sub>
 * m<sub>image(v)</sub> T[v, s']|.
 *
 * <p>Concepts, core concept neurons and groups stay as they are: what is said is how sure the weights are, given the circuit's
 * structure. An image's weight in a draw depends on the seed, the draw and the image's digest only, so that draws of two
 * circuits go together where they have images in common.
 *
 * <pre>{@code
 * var recorder = new WeightDraws.Recorder(patches);
 * var circuit = CircuitBuilder.over(probe).onFinding(recorder).build(root, patches);
 * WeightDraws draws = recorder.draws(circuit, WeightDraws.DRAWS, 1);
 * }</pre>
 */
public final class WeightDraws {
    /** Draws that are enough for a standard deviation to 5 %. */
    public static final int DRAWS = 200;

    /** Most draws. */
    public static final int MOST_DRAWS = 10_000;

    private final ImmutableList<GroupEdge> edges;
    private final long seed;
    private final ImmutableIntArray images;
    private final float[][] values;
    private final Map<Ends, Integer> rows = new HashMap<>();

    private WeightDraws(ImmutableList<GroupEdge> edges, long seed, ImmutableIntArray images, float[][] values) {
        this.edges = edges;
        this.seed = seed;
        this.images = images;
        this.values = values;
        for (int e = 0; e < edges.size(); e++) {
            rows.put(Ends.of(edges.get(e)), e);
        }
    }

    /** An edge by the places of its groups; groups themselves are slow to compare. */
    private record Ends(String layer, int parent, int child) {
        static Ends of(GroupEdge edge) {
            return new Ends(
                    edge.parent().layer().name(),
                    edge.parent().index(),
                    edge.child().index());
        }
    }

    /** A semantic group by its name. */
    private record Key(Neuron neuron, int index) {
        static Key of(SemanticGroup group) {
            return new Key(group.neuron(), group.index());
        }
    }

    /**
     * Draws that were stored.
     *
     * @param circuit whose edges they are
     * @param seed of the draws
     * @param values [edge, in the order of the circuit's][draw]; copied
     * @return the draws
     * @throws IllegalArgumentException if the numbers of edges or draws do not fit, or a value is no weight
     */
    public static WeightDraws of(ConceptCircuit circuit, long seed, float[][] values) {
        ImmutableList<GroupEdge> edges = circuit.edges();
        checkArgument(
                values.length == edges.size(),
                "expected draws of each of the circuit's %s edges, but there are %s",
                edges.size(),
                values.length);
        int draws = values.length == 0 ? DRAWS : values[0].length;
        checkDraws(draws);
        float[][] copy = new float[values.length][];
        for (int e = 0; e < copy.length; e++) {
            checkArgument(
                    values[e].length == draws,
                    "expected %s draws of each edge, but there are %s",
                    draws,
                    values[e].length);
            copy[e] = values[e].clone();
            for (float value : copy[e]) {
                checkArgument(Float.isFinite(value), "expected weights, but there is %s", value);
            }
        }
        return new WeightDraws(edges, seed, imagesBehind(circuit), copy);
    }

    private static void checkDraws(int draws) {
        checkArgument(draws >= 20 && draws <= MOST_DRAWS, "expected 20 to %s draws, but it is %s", MOST_DRAWS, draws);
    }

    /** For each edge, how many images the concept of its parent comes from. */
    private static ImmutableIntArray imagesBehind(ConceptCircuit circuit) {
        int[] imageOf = new int[circuit.patches().size()];
        circuit.patches().forEach(patch -> imageOf[patch.index()] = patch.image());
        Map<String, Integer> counts = new HashMap<>();
        circuit.groups()
                .forEach(group -> counts.put(group.name(), (int) group.members().stream()
                        .flatMapToInt(member -> member.patches().stream())
                        .map(patch -> imageOf[patch])
                        .distinct()
                        .count()));
        return ImmutableIntArray.copyOf(circuit.edges().stream()
                .mapToInt(edge -> counts.getOrDefault(edge.parent().name(), 0)));
    }

    /**
     * The edges.
     *
     * @return those of the circuit, in its order
     */
    public ImmutableList<GroupEdge> edges() {
        return edges;
    }

    /**
     * How many draws there are.
     *
     * @return 20 or more
     */
    public int draws() {
        return values.length == 0 ? DRAWS : values[0].length;
    }

    /**
     * The seed of the draws.
     *
     * @return as given
     */
    public long seed() {
        return seed;
    }

    /**
     * The weight of an edge in each draw.
     *
     * @param edge its position among {@link #edges()}
     * @return a copy
     */
    public float[] weights(int edge) {
        return values[edge].clone();
    }

    /** The row of an edge, -1 if there is none. */
    int row(GroupEdge edge) {
        return rows.getOrDefault(Ends.of(edge), -1);
    }

    /** How many images the concept of the edge's parent comes from. */
    int images(int edge) {
        return images.get(edge);
    }

    float weight(int edge, int draw) {
        return values[edge][draw];
    }

    /** m of one image in every draw: -ln of a uniform number. */
    private static double[] multipliers(SourceImage image, int draws, long seed) {
        long digest = Long.parseUnsignedLong(image.digest().substring(0, 16), 16);
        SplittableRandom random = new SplittableRandom(digest ^ (seed * 0x9E3779B97F4A7C15L));
        return random.doubles(draws).map(u -> -Math.log1p(-u)).toArray();
    }

    @Override
    public String toString() {
        return draws() + " draws of the images, seed " + seed + ", of " + edges.size() + " edges";
    }

    /** Keeps, while a circuit is being built, what a draw needs: the scores of each semantic group, added up by image. */
    public static final class Recorder implements FindingListener {
        private final int[] imageOf;
        private final Map<Key, Sums> sums = new HashMap<>();

        /**
         * A recorder for one circuit.
         *
         * @param patches D, those that the circuit will be built from
         */
        public Recorder(PatchSet patches) {
            imageOf = patches.patches().stream().mapToInt(Patch::image).toArray();
        }

        /** T of the core concept neurons over a semantic group, [image][core]. */
        private record Sums(List<Integer> images, List<Neuron> core, List<double[]> rows) {}

        @Override
        public void found(Finding finding, SemanticGroups groups) {
            List<Neuron> core = finding.core().scores().stream()
                    .map(ImportanceScore::source)
                    .toList();
            Map<Integer, Integer> rowOf = new HashMap<>();
            for (int row = 0; row < finding.concept().size(); row++) {
                rowOf.put(finding.concept().patches().get(row), row);
            }
            for (SemanticGroup group : groups.groups()) {
                Map<Integer, double[]> byImage = new TreeMap<>();
                group.patches().forEach(patch -> {
                    double[] sum = byImage.computeIfAbsent(imageOf[patch], i -> new double[core.size()]);
                    int row = rowOf.getOrDefault(patch, -1);
                    for (int s = 0; s < sum.length && row >= 0; s++) {
                        sum[s] += finding.scores().value(row, core.get(s).channel());
                    }
                });
                sums.put(Key.of(group), new Sums(List.copyOf(byImage.keySet()), core, List.copyOf(byImage.values())));
            }
        }

        /**
         * Draws.
         *
         * @param circuit that was built while this listened
         * @param draws how many, 20 to {@value WeightDraws#MOST_DRAWS}
         * @param seed of the draws; circuits that are to be compared need the same
         * @return the weights in each draw
         * @throws IllegalArgumentException if what was recorded does not add up to the circuit's weights
         */
        public WeightDraws draws(ConceptCircuit circuit, int draws, long seed) {
            checkDraws(draws);
            Map<Integer, double[]> multipliers = new HashMap<>();
            Map<Integer, double[]> equal = new HashMap<>();
            for (SourceImage image : circuit.images()) {
                multipliers.put(image.index(), multipliers(image, draws, seed));
                equal.put(image.index(), new double[] {1});
            }
            float[][] values = new float[circuit.edges().size()][draws];
            double[] one = new double[values.length];
            WeightDraws drawn = new WeightDraws(circuit.edges(), seed, imagesBehind(circuit), values);
            for (Share share : shares(circuit, drawn)) {
                double[] own = weights(share.sums(), equal, 0);
                share.terms().forEach(term -> one[term.row()] += term.factor() * own[term.core()]);
                for (int draw = 0; draw < draws; draw++) {
                    double[] w = weights(share.sums(), multipliers, draw);
                    for (Term term : share.terms()) {
                        values[term.row()][draw] += (float) (term.factor() * w[term.core()]);
                    }
                }
            }
            for (int e = 0; e < one.length; e++) {
                double weight = circuit.edges().get(e).weight();
                checkArgument(
                        Math.abs(one[e] - weight) <= 1e-6 * (1 + Math.abs(weight)),
                        "expected a circuit that was built while this listened, but %s would weigh %s; give the recorder to"
                                + " CircuitBuilder.onFinding",
                        circuit.edges().get(e),
                        one[e]);
            }
            return drawn;
        }

        /** w of one core concept neuron into a semantic group, in each draw: for tests. */
        double[] weights(ImmutableList<SourceImage> images, SemanticGroup group, Neuron child, int draws, long seed) {
            Sums recorded = Objects.requireNonNull(sums.get(Key.of(group)));
            Map<Integer, double[]> multipliers = new HashMap<>();
            images.forEach(image -> multipliers.put(image.index(), multipliers(image, draws, seed)));
            int position = recorded.core().indexOf(child);
            return IntStream.range(0, draws)
                    .mapToDouble(draw -> weights(recorded, multipliers, draw)[position])
                    .toArray();
        }

        /** Eq. 4 with the images of one draw. */
        private static double[] weights(Sums sums, Map<Integer, double[]> multipliers, int draw) {
            double[] t = new double[sums.core().size()];
            for (int i = 0; i < sums.images().size(); i++) {
                double m = Objects.requireNonNull(multipliers.get(sums.images().get(i)))[draw];
                for (int s = 0; s < t.length; s++) {
                    t[s] += m * sums.rows().get(i)[s];
                }
            }
            double total = 0;
            for (double value : t) {
                total += Math.abs(value);
            }
            for (int s = 0; s < t.length; s++) {
                t[s] = total == 0 ? 0 : t[s] / total;
            }
            return t;
        }

        /** What the edge from one core concept neuron adds to W of an edge of groups. */
        private record Term(int row, int core, double factor) {}

        /** All that one semantic group of a parent adds. */
        private record Share(Sums sums, List<Term> terms) {}

        /** W is linear in w (Section 3.5): the factors, with the circuit's way of counting. */
        private List<Share> shares(ConceptCircuit circuit, WeightDraws drawn) {
            Counting counting = Counting.valueOf(
                    circuit.provenance().options().getOrDefault("counting", Counting.FRACTIONAL.name()));
            List<Share> shares = new ArrayList<>();
            for (int l = 0; l + 1 < circuit.layers().size(); l++) {
                Map<Integer, Map<Integer, Integer>> held = new HashMap<>();
                for (NeuronGroup child : circuit.at(circuit.layers().get(l + 1))) {
                    child.members().forEach(member -> held.computeIfAbsent(
                                    member.neuron().channel(), c -> new HashMap<>())
                            .merge(child.index(), 1, Integer::sum));
                }
                for (NeuronGroup parent : circuit.at(circuit.layers().get(l))) {
                    for (SemanticGroup member : parent.members()) {
                        Sums recorded = sums.get(Key.of(member));
                        if (recorded != null) {
                            shares.add(new Share(recorded, terms(parent, recorded.core(), held, counting, drawn)));
                        }
                    }
                }
            }
            return shares;
        }

        private static List<Term> terms(
                NeuronGroup parent,
                List<Neuron> core,
                Map<Integer, Map<Integer, Integer>> held,
                Counting counting,
                WeightDraws drawn) {
            List<Term> terms = new ArrayList<>();
            for (int s = 0; s < core.size(); s++) {
                int position = s;
                Map<Integer, Integer> groups = held.getOrDefault(core.get(s).channel(), Map.of());
                int all = groups.values().stream().mapToInt(Integer::intValue).sum();
                groups.forEach((child, count) -> {
                    double factor =
                            switch (counting) {
                                case MULTISET -> count;
                                case FRACTIONAL -> (double) count / all;
                                case SET -> 1;
                            };
                    int row = drawn.rows.getOrDefault(new Ends(parent.layer().name(), parent.index(), child), -1);
                    if (row >= 0) {
                        terms.add(new Term(row, position, factor));
                    }
                });
            }
            return terms;
        }
    }
}
