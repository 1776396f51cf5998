package io.neurflow.core.certificate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.PatchSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Makes the {@link Certificate} of a circuit. Immutable: every setting returns a changed copy. By default 20 random circuits, 64
 * edges, 8 targets, 1000 draws of the bootstrap, level 0.05, seed 1.
 *
 * <p>The cost is about {@code 6 r + n + 120} passes of the held-out patches from the lowest layer of the circuit up, r the
 * random circuits and n the neurons of the circuit, and one or two of a semantic group for each edge that is audited. The held-out
 * patches' activations in all layers of the circuit are kept in memory, twice.
 */
public final class Certifier {
    private static final double[] SIZES = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

    private final ModelProbe probe;
    private final int randomCircuits;
    private final int edges;
    private final int targets;
    private final int draws;
    private final double alpha;
    private final long seed;

    private Certifier(
            ModelProbe probe, int randomCircuits, int edges, int targets, int draws, double alpha, long seed) {
        this.probe = probe;
        this.randomCircuits = randomCircuits;
        this.edges = edges;
        this.targets = targets;
        this.draws = draws;
        this.alpha = alpha;
        this.seed = seed;
    }

    /**
     * A certifier with the settings above.
     *
     * @param probe the model that the circuit was found in, with the same layers; stays open
     * @return the certifier
     */
    public static Certifier over(ModelProbe probe) {
        return new Certifier(probe, 20, 64, 8, 1000, 0.05, 1);
    }

    /**
     * Sets the number of random circuits. With r of them no p is below 1 / (r + 1).
     *
     * @param count 1 or more
     * @return a changed copy
     */
    public Certifier randomCircuits(int count) {
        checkArgument(count >= 1, "expected one random circuit or more to compare with, but it is %s", count);
        return new Certifier(probe, count, edges, targets, draws, alpha, seed);
    }

    /**
     * Sets how much is audited.
     *
     * @param mostEdges edges that are held against interventions, chosen at random where there are more
     * @param mostTargets neurons whose stability and interactions are looked at, the root first
     * @return a changed copy
     */
    public Certifier auditing(int mostEdges, int mostTargets) {
        checkArgument(
                mostEdges >= 0 && mostTargets >= 0,
                "expected numbers of edges and targets that are not negative, but they are %s and %s",
                mostEdges,
                mostTargets);
        return new Certifier(probe, randomCircuits, mostEdges, mostTargets, draws, alpha, seed);
    }

    /**
     * Sets the number of draws of the bootstrap.
     *
     * @param count 1 or more
     * @return a changed copy
     */
    public Certifier draws(int count) {
        checkArgument(count >= 1, "expected one draw of the bootstrap or more, but it is %s", count);
        return new Certifier(probe, randomCircuits, edges, targets, count, alpha, seed);
    }

    /**
     * Sets the level of the tests.
     *
     * @param level between 0 and 1
     * @return a changed copy
     */
    public Certifier level(double level) {
        checkArgument(level > 0 && level < 1, "expected a level between 0 and 1, but it is %s", level);
        return new Certifier(probe, randomCircuits, edges, targets, draws, level, seed);
    }

    /**
     * Sets the seed of everything random.
     *
     * @param value the seed
     * @return a changed copy
     */
    public Certifier seed(long value) {
        return new Certifier(probe, randomCircuits, edges, targets, draws, alpha, value);
    }

    /**
     * Certifies a circuit.
     *
     * @param circuit found in this model
     * @param patches D, those that it was found from
     * @param heldOut others of the same class, from images that had no part in finding it
     * @return the certificate
     * @throws IllegalArgumentException if the circuit's layers are not the probe's, or there are no held-out patches
     */
    public Certificate certify(ConceptCircuit circuit, PatchSet patches, PatchSet heldOut) {
        checkArgument(
                probe.layers().containsAll(circuit.layers()),
                "expected a circuit of this probe, whose layers are %s, but its layers are %s; open the probe with those",
                probe.layers(),
                circuit.layers());
        checkArgument(
                patches.patches().equals(circuit.patches()),
                "expected the %s patches that the circuit was found from, but there are %s others",
                circuit.patches().size(),
                patches.patches().size());
        checkArgument(
                !heldOut.patches().isEmpty(), "expected held-out patches, but there are none; keep some images apart");
        Neuron root = circuit.neurons().root();
        List<Layer> layers =
                circuit.layers().reverse().subList(0, circuit.layers().size() - 1);
        AblatedModel model = new AblatedModel(probe, root, layers, heldOut, seed);
        List<Neuron> ranked = Influence.ranking(circuit.neurons());
        Set<Neuron> all = new LinkedHashSet<>();
        layers.forEach(layer -> IntStream.range(0, layer.shape().channels()).forEach(c -> all.add(layer.neuron(c))));
        Set<Neuron> chosen = new LinkedHashSet<>(ranked);
        ImmutableList.Builder<Curve> curves = ImmutableList.builder();
        ImmutableList.Builder<Control> controls = ImmutableList.builder();
        for (Ablation ablation : Ablation.values()) {
            Faithfulness f = new Faithfulness(model, all, ablation);
            curves.add(curve(f, ranked, all, ablation));
            controls.add(control(f, chosen, layers, all, ablation));
        }
        Audit audit = new Audit(probe, circuit, patches, seed);
        return new Certificate(
                root,
                chosen.size(),
                all.size(),
                model.imageCount(),
                alpha,
                curves.build(),
                controls.build(),
                tests(model, chosen, all),
                new EdgeAudit(audit.checks(edges), audit.interactions(targets)),
                audit.stability(targets, draws));
    }

    /**
     * Certifies a circuit, and stores the certificate's summary in it.
     *
     * @param circuit found in this model
     * @param patches D, those that it was found from
     * @param heldOut others of the same class, from images that had no part in finding it
     * @return the circuit with {@link ConceptCircuit#certificate()}
     * @throws IllegalArgumentException if the circuit's layers are not the probe's, or there are no held-out patches
     */
    public ConceptCircuit certified(ConceptCircuit circuit, PatchSet patches, PatchSet heldOut) {
        return circuit.withCertificate(certify(circuit, patches, heldOut).summary());
    }

    /** f of sets of channels under one ablation. */
    private record Faithfulness(AblatedModel model, Set<Neuron> all, Ablation ablation, double empty, double whole) {
        Faithfulness(AblatedModel model, Set<Neuron> all, Ablation ablation) {
            this(model, all, ablation, model.strongHalf(Set.of(), ablation), model.strongHalf(all, ablation));
        }

        double keep(Set<Neuron> some) {
            return (model.strongHalf(some, ablation) - empty) / (whole - empty);
        }

        double remove(Set<Neuron> some) {
            return keep(complement(all, some));
        }
    }

    private static Set<Neuron> complement(Set<Neuron> all, Set<Neuron> some) {
        Set<Neuron> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    /** Neurons of the circuit by influence; what is larger than the circuit is filled up at random. */
    private Curve curve(Faithfulness f, List<Neuron> ranked, Set<Neuron> all, Ablation ablation) {
        List<Neuron> rest = new ArrayList<>(all);
        rest.removeAll(new HashSet<>(ranked));
        Collections.shuffle(rest, new Random(seed));
        List<Neuron> order = new ArrayList<>(ranked);
        order.addAll(rest);
        int[] sizes = Arrays.stream(SIZES)
                .mapToInt(share -> (int) Math.round(share * all.size()))
                .toArray();
        double[] keep = new double[sizes.length];
        double[] remove = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            Set<Neuron> some = new HashSet<>(order.subList(0, sizes[i]));
            boolean known = i > 0 && sizes[i] == sizes[i - 1];
            keep[i] = known ? keep[i - 1] : f.keep(some);
            remove[i] = known ? remove[i - 1] : f.remove(some);
        }
        return new Curve(
                ablation,
                ImmutableDoubleArray.copyOf(SIZES),
                ImmutableIntArray.copyOf(sizes),
                ImmutableDoubleArray.copyOf(keep),
                ImmutableDoubleArray.copyOf(remove));
    }

    private Control control(
            Faithfulness f, Set<Neuron> chosen, List<Layer> layers, Set<Neuron> all, Ablation ablation) {
        Random random = new Random(seed);
        double[] keep = new double[randomCircuits];
        double[] remove = new double[randomCircuits];
        for (int r = 0; r < randomCircuits; r++) {
            Set<Neuron> other = new HashSet<>();
            for (Layer layer : layers) {
                List<Neuron> here = new ArrayList<>(
                        all.stream().filter(n -> n.layer().equals(layer)).toList());
                Collections.shuffle(here, random);
                long count =
                        chosen.stream().filter(n -> n.layer().equals(layer)).count();
                other.addAll(here.subList(0, (int) count));
            }
            keep[r] = f.keep(other);
            remove[r] = f.remove(other);
        }
        return new Control(
                ablation,
                f.keep(chosen),
                f.remove(chosen),
                ImmutableDoubleArray.copyOf(keep),
                ImmutableDoubleArray.copyOf(remove));
    }

    private HypothesisTests tests(AblatedModel model, Set<Neuron> chosen, Set<Neuron> all) {
        double[] whole = model.perImage(all, Ablation.ZERO);
        double[] circuit = model.perImage(chosen, Ablation.ZERO);
        double[] rest = model.perImage(complement(all, chosen), Ablation.ZERO);
        double own = Statistics.mean(circuit);
        List<Neuron> others = new ArrayList<>(complement(all, chosen));
        Collections.sort(others);
        Collections.shuffle(others, new Random(seed));
        double[] references = others.stream()
                .limit(40)
                .mapToDouble(neuron -> {
                    Set<Neuron> more = new HashSet<>(chosen);
                    more.add(neuron);
                    return Math.abs(Statistics.mean(model.perImage(more, Ablation.ZERO)) - own);
                })
                .sorted()
                .toArray();
        double quantile = references.length == 0
                ? 0
                : references[(int) Math.min(references.length - 1.0, Math.ceil(0.95 * references.length))];
        // what rounding leaves of no change at all
        double least = Math.max(quantile, 1e-6 * Math.abs(own));
        ImmutableList<Neuron> notMinimal = chosen.stream()
                .filter(neuron -> {
                    Set<Neuron> fewer = new HashSet<>(chosen);
                    fewer.remove(neuron);
                    return Math.abs(Statistics.mean(model.perImage(fewer, Ablation.ZERO)) - own) <= least;
                })
                .sorted()
                .collect(ImmutableList.toImmutableList());
        return new HypothesisTests(
                Statistics.signTest(circuit, whole),
                Statistics.independence(rest, whole, seed),
                notMinimal,
                chosen.size());
    }

    @Override
    public String toString() {
        return "Certifier[" + randomCircuits + " random circuits, " + edges + " edges, " + targets + " targets, "
                + draws + " draws, alpha " + alpha + ", seed " + seed + "]";
    }
}
