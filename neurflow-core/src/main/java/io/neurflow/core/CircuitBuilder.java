package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Counting;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.PatchSet;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Provenance;
import io.neurflow.core.store.RunStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Builds the concept circuit C<sub>c</sub> of a class: the neuron circuit H<sub>c</sub> by Algorithm 3, from the logit down
 * to a layer of your choice, then neuron groups and their weights W by Section 3.5.
 *
 * <p>Immutable: every setting returns a changed copy. Defaults are those of {@link Preset#RECOMMENDED}.
 *
 * <p>Determinism. The same settings on the same machine give the same circuit bit for bit, and the same bytes of JSON,
 * whatever a {@linkplain #store store} held before and, with {@code SameDiffProbe}, whatever {@linkplain #featureMapDisk room
 * for files} there is. With another batch size of the probe, another {@linkplain #featureMapBudget budget}, or another number
 * of threads sums may round differently: concepts, core concept neurons, semantic groups and neuron groups are the same, and
 * weights are equal to 1e-4, unless two neurons or two ways of grouping are as good as each other up to rounding.
 *
 * <pre>{@code
 * ConceptCircuit circuit = CircuitBuilder.over(probe).preset(Preset.PAPER).onProgress(System.out::println)
 *         .build(probe.logits().neuron(309), patches);
 * }</pre>
 */
public final class CircuitBuilder {
    // Written only while a copy is being made, before anybody else sees it.
    private CoreConceptFinder finder;
    private Preset preset = Preset.RECOMMENDED;
    private SemanticGrouper grouper = SemanticGrouper.ward();
    private GroupSpace space = GroupSpace.OWN_LAYER;
    private Counting counting = Counting.FRACTIONAL;
    private DeadNeurons dead = DeadNeurons.WITHOUT_CORE;
    private int maxNeuronGroups = 100;
    private double residualTolerance = 0.05;
    private long mapBudgetBytes = Runtime.getRuntime().maxMemory() / 4;
    private long mapDiskBytes = 16L << 30;
    private Optional<Layer> downTo = Optional.empty();
    private ProgressListener listener = ProgressListener.NONE;
    private FindingListener findings = FindingListener.NONE;
    private Optional<RunStore> store = Optional.empty();
    private ImmutableMap<String, String> notes = ImmutableMap.of();
    private ImmutableList<String> warnings = ImmutableList.of();

    private CircuitBuilder(CoreConceptFinder finder) {
        this.finder = finder;
    }

    private CircuitBuilder changed(Consumer<CircuitBuilder> change) {
        CircuitBuilder copy = new CircuitBuilder(finder);
        copy.preset = preset;
        copy.grouper = grouper;
        copy.space = space;
        copy.counting = counting;
        copy.dead = dead;
        copy.maxNeuronGroups = maxNeuronGroups;
        copy.residualTolerance = residualTolerance;
        copy.mapBudgetBytes = mapBudgetBytes;
        copy.mapDiskBytes = mapDiskBytes;
        copy.downTo = downTo;
        copy.listener = listener;
        copy.findings = findings;
        copy.store = store;
        copy.notes = notes;
        copy.warnings = warnings;
        change.accept(copy);
        return copy;
    }

    /**
     * A builder with the recommended settings.
     *
     * @param probe the model; stays open, and yours to close
     * @return the builder
     */
    public static CircuitBuilder over(ModelProbe probe) {
        return using(CoreConceptFinder.over(probe));
    }

    /**
     * A builder that finds core concept neurons as given; else with the recommended settings.
     *
     * @param finder over the model
     * @return the builder
     */
    public static CircuitBuilder using(CoreConceptFinder finder) {
        return new CircuitBuilder(finder);
    }

    /**
     * Sets everything that presets differ in, whatever was chosen for it before: the rule of integration, the refinement and
     * the selection of the finder, whether the grouper allows one group, {@link #groupSpace}, {@link #counting} and {@link #deadNeurons}.
     * k, &tau;, N and other limits stay. Where one of these is changed afterwards, the provenance says
     * {@code RECOMMENDED, changed}. Patches are cut before: {@code PatchGrid.of(preset)}.
     *
     * @param which the preset
     * @return a changed copy
     */
    public CircuitBuilder preset(Preset which) {
        return changed(copy -> {
            copy.preset = which;
            copy.finder = finder.preset(which);
            copy.grouper = grouper.preset(which);
            copy.space = which == Preset.AUTHORS_CODE ? GroupSpace.LAYER_BELOW : GroupSpace.OWN_LAYER;
            copy.counting = which == Preset.RECOMMENDED ? Counting.FRACTIONAL : Counting.MULTISET;
            copy.dead = which == Preset.RECOMMENDED ? DeadNeurons.WITHOUT_CORE : DeadNeurons.AS_OTHERS;
        });
    }

    /**
     * Sets how concepts are split.
     *
     * @param by the grouper; {@link SemanticGrouper#ward()} by default
     * @return a changed copy
     */
    public CircuitBuilder grouping(SemanticGrouper by) {
        return changed(copy -> copy.grouper = by);
    }

    /**
     * Sets the lowest layer of the circuit; the lowest of the probe by default.
     *
     * @param layer below the root
     * @return a changed copy
     */
    public CircuitBuilder downTo(Layer layer) {
        return changed(copy -> copy.downTo = Optional.of(layer));
    }

    /**
     * Sets which layer's activations place semantic groups when neurons are clustered. {@link GroupSpace#OWN_LAYER} by
     * default.
     *
     * @param layer own or below
     * @return a changed copy
     */
    public CircuitBuilder groupSpace(GroupSpace layer) {
        return changed(copy -> copy.space = layer);
    }

    /**
     * Sets how W counts children with several semantic groups. {@link Counting#FRACTIONAL} by default.
     *
     * @param how the rule
     * @return a changed copy
     */
    public CircuitBuilder counting(Counting how) {
        return changed(copy -> copy.counting = how);
    }

    /**
     * Sets what becomes of neurons with the same activation for every patch of their concept.
     * {@link DeadNeurons#WITHOUT_CORE} by default.
     *
     * @param how the rule
     * @return a changed copy
     */
    public CircuitBuilder deadNeurons(DeadNeurons how) {
        return changed(copy -> copy.dead = how);
    }

    /**
     * Sets the most neuron groups of a layer. 100 by default, as in the authors' code.
     *
     * @param most 2 or more
     * @return a changed copy
     */
    public CircuitBuilder maxNeuronGroups(int most) {
        checkArgument(most >= 2, "expected two neuron groups or more at the most, but it is %s", most);
        return changed(copy -> copy.maxNeuronGroups = most);
    }

    /**
     * Sets the completeness residual, as a share of the target's largest change, above which the result carries a warning.
     * 0.05 by default.
     *
     * @param share above 0
     * @return a changed copy
     */
    public CircuitBuilder residualTolerance(double share) {
        checkArgument(share > 0, "expected a positive share, but it is %s", share);
        return changed(copy -> copy.residualTolerance = share);
    }

    /**
     * Sets how much memory feature maps may take at a time. A quarter of the JVM's largest heap by default. With less, maps
     * are computed more often; the result is the same.
     *
     * @param bytes above 0
     * @return a changed copy
     */
    public CircuitBuilder featureMapBudget(long bytes) {
        checkArgument(bytes > 0, "expected a positive number of bytes, but it is %s", bytes);
        return changed(copy -> copy.mapBudgetBytes = bytes);
    }

    /**
     * Sets how much room temporary files may take, in the folder {@code java.io.tmpdir}: the pooled activations, and the
     * feature maps of some layers, so that those of higher layers need not be computed from the pixels each time. 16 GiB by
     * default, and never more than half of what is free there; the files go when the circuit is done. With less room a
     * circuit takes longer, without any also more memory for each image; the result is the same, bit for bit where the
     * engine gives an item the same answer in any batch, as {@code SameDiffProbe} does for convolutions, else up to rounding.
     *
     * @param bytes 0 for no file
     * @return a changed copy
     */
    public CircuitBuilder featureMapDisk(long bytes) {
        checkArgument(bytes >= 0, "expected a number of bytes that is not negative, but it is %s", bytes);
        return changed(copy -> copy.mapDiskBytes = bytes);
    }

    /**
     * Sets who is told of progress: after every batch of patches and every piece of importance scores (all targets of up to
     * 64 patches). The listener may throw {@link java.util.concurrent.CancellationException} to end the computation there,
     * as a {@link io.neurflow.api.CancellationToken} does on demand; temporary files go, and a {@linkplain #store store}
     * keeps all but the block of 256 patches or the piece of scores that was being computed.
     *
     * @param to called from the thread that builds
     * @return a changed copy
     */
    public CircuitBuilder onProgress(ProgressListener to) {
        return changed(copy -> copy.listener = to);
    }

    /**
     * Sets who is told what is found about each target, such as a {@link io.neurflow.core.diff.WeightDraws.Recorder}. Nobody by
     * default.
     *
     * @param to called from the thread that builds
     * @return a changed copy
     */
    public CircuitBuilder onFinding(FindingListener to) {
        return changed(copy -> copy.findings = to);
    }

    /**
     * Keeps what takes long, activations and importance scores, in a store, and takes from there what an earlier run left,
     * however it ended. The circuit is the same bit for bit, on the same machine with the same number of threads. No store
     * by default.
     *
     * @param where the store
     * @return a changed copy
     */
    public CircuitBuilder store(RunStore where) {
        return changed(copy -> copy.store = Optional.of(where));
    }

    /**
     * Adds a fact to the provenance of the result, such as how many images were left out.
     *
     * @param name its name; a later note of the same name replaces it
     * @param value what it is
     * @return a changed copy
     */
    public CircuitBuilder note(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(notes);
        more.put(name, value);
        return changed(copy -> copy.notes = ImmutableMap.copyOf(more));
    }

    /**
     * Adds a warning to the provenance of the result.
     *
     * @param line what a reader should know
     * @return a changed copy
     */
    public CircuitBuilder warning(String line) {
        return changed(copy -> copy.warnings =
                ImmutableList.<String>builder().addAll(warnings).add(line).build());
    }

    /**
     * The finder, with the settings of any preset.
     *
     * @return what finds core concept neurons
     */
    public CoreConceptFinder finder() {
        return finder;
    }

    /**
     * Builds the circuit.
     *
     * @param root the logit of the class, {@code probe.logits().neuron(c)}; any neuron above the lowest layer will do
     * @param patches D, from images that the model assigns to the class
     * @return the circuit
     * @throws IllegalArgumentException if there are fewer patches than k, or the root has no layer below it
     * @throws io.neurflow.api.NeurflowException if an image cannot be read any more, or activations are not finite
     */
    public ConceptCircuit build(Neuron root, PatchSet patches) {
        try (PatchActivations activations = activations(root, patches)) {
            return build(root, activations);
        }
    }

    /**
     * What {@link #build(Neuron, PatchSet) build} begins with: the pass of all patches through the model. In the heap it
     * holds the strongest patches of each channel, 12 bytes each, however many images there are; the pooled activations, and
     * the feature maps that the circuit will start from, go to {@linkplain #featureMapDisk temporary files}.
     *
     * @param root as there
     * @param patches as there
     * @return activations for {@link #build(Neuron, PatchActivations)}, with this root and others; close them
     * @throws IllegalArgumentException as there
     * @throws io.neurflow.api.NeurflowException as there
     */
    public PatchActivations activations(Neuron root, PatchSet patches) {
        checkPatches(patches);
        ModelProbe probe = finder.probe();
        int count = patches.patches().size();
        ImmutableList<Layer> layers = layers(root);
        RunRoom room = RunRoom.of(needed(root), count, mapDiskBytes);
        MapSchedule schedule = MapSchedule.best(probe, CircuitDemand.of(finder, layers, count), count, room.mapBytes());
        return PatchActivations.bounded(
                probe,
                patches,
                needed(root),
                finder.topPatches() + 1,
                room.rowsInFiles(),
                new FeatureMapSource(probe, patches, schedule),
                listener,
                new Stored(store));
    }

    /**
     * What {@link #build} would take, without doing it: counts, memory, disk, and time, for which a few patches are run.
     * What the {@linkplain #store store} holds is taken off.
     *
     * @param root as above
     * @param patches as above
     * @return the plan
     * @throws IllegalArgumentException as {@link #build} does
     */
    public RunPlan plan(Neuron root, PatchSet patches) {
        checkPatches(patches);
        return new RunPlanner(finder, patches, layers(root), needed(root), mapBudgetBytes, mapDiskBytes)
                .plan(root, dead, new Stored(store));
    }

    private ImmutableSet<Layer> needed(Neuron root) {
        return ImmutableSet.<Layer>builder()
                .addAll(layers(root))
                .add(space(lowest()))
                .build();
    }

    /**
     * Builds the circuit from known activations, so that several circuits can share one pass of the patches.
     *
     * @param root as above
     * @param activations with those of all layers from the root's down, and of the one below under
     *     {@link GroupSpace#LAYER_BELOW}
     * @return the circuit
     */
    public ConceptCircuit build(Neuron root, PatchActivations activations) {
        return group(neurons(root, activations), activations);
    }

    /**
     * Builds the neuron circuit H<sub>c</sub> alone (Algorithm 3).
     *
     * @param root as above
     * @param activations as above
     * @return the circuit of single neurons
     */
    public NeuronCircuit neurons(Neuron root, PatchActivations activations) {
        checkPatches(activations.patches());
        return new NeuronCircuitBuild(
                        finder,
                        grouper,
                        dead,
                        activations,
                        mapBudgetBytes,
                        mapDiskBytes,
                        listener,
                        findings,
                        new Stored(store))
                .run(root, layers(root));
    }

    /**
     * Puts the neurons of a circuit into groups (Section 3.5): cheap, so that one neuron circuit can be grouped in several
     * ways.
     *
     * @param circuit made by {@link #neurons} with the same finder and grouper
     * @param activations as above
     * @return the circuit of groups
     */
    public ConceptCircuit group(NeuronCircuit circuit, PatchActivations activations) {
        NeuronGrouper neuronGrouper = new NeuronGrouper(circuit, activations, maxNeuronGroups);
        List<ImmutableList<NeuronGroup>> groups = new ArrayList<>();
        ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Double>> silhouettes = ImmutableMap.builder();
        for (Layer layer : circuit.layers()) {
            NeuronGrouper.Grouping grouping = neuronGrouper.group(layer, space(layer));
            groups.add(grouping.groups());
            silhouettes.put(layer.name(), grouping.clusters().silhouettes());
        }
        ImmutableList.Builder<GroupEdge> edges = ImmutableList.builder();
        for (int i = 0; i + 1 < groups.size(); i++) {
            edges.addAll(NeuronGrouper.edges(circuit, groups.get(i + 1), groups.get(i), counting));
        }
        return new ConceptCircuit(
                circuit,
                groups.stream().flatMap(List::stream).collect(ImmutableList.toImmutableList()),
                edges.build(),
                silhouettes.buildOrThrow(),
                activations.patches().images(),
                activations.patches().patches(),
                new Provenance(finder.probe().info(), LibraryVersion.current(), options(), warnings(circuit)));
    }

    private void checkPatches(PatchSet patches) {
        int count = patches.patches().size();
        checkArgument(
                finder.topPatches() <= count,
                "expected at least k = %s patches, but there are %s, from %s images; use more images or a smaller k",
                finder.topPatches(),
                count,
                patches.images().size());
    }

    private Layer lowest() {
        return downTo.orElseGet(() -> finder.probe().layers().get(0));
    }

    private ImmutableList<Layer> layers(Neuron root) {
        Layer lowest = lowest();
        ImmutableList<Layer> all = finder.probe().layers();
        checkArgument(
                all.contains(root.layer()) && all.contains(lowest),
                "expected layers of the probe, which are %s, but the circuit goes from %s to %s",
                all,
                root.layer(),
                lowest);
        checkArgument(
                lowest.index() < root.layer().index(),
                "expected a layer below the root %s, but %s is not; choose a lower one, or open the probe with more layers",
                root,
                lowest);
        return all.subList(lowest.index(), root.layer().index() + 1).reverse();
    }

    private Layer space(Layer layer) {
        return space == GroupSpace.LAYER_BELOW && layer.index() > 0 ? finder.below(layer) : layer;
    }

    private ImmutableMap<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        boolean changed = !governed().equals(preset(preset).governed());
        options.put("preset", changed ? preset.name() + ", changed" : preset.name());
        options.put("k", Integer.toString(finder.topPatches()));
        options.put("tau", Integer.toString(finder.maxCoreNeurons()));
        options.put("steps", Integer.toString(finder.quadrature().steps()));
        options.put("baseline", "ZERO");
        options.put("activation", "SPATIAL_MEAN");
        options.put("max_semantic_groups", Integer.toString(grouper.maxGroups()));
        options.put("max_neuron_groups", Integer.toString(maxNeuronGroups));
        options.put("residual_tolerance", Double.toString(residualTolerance));
        options.putAll(governed());
        options.putAll(notes);
        return ImmutableMap.copyOf(options);
    }

    /** The settings that presets differ in. */
    private ImmutableMap<String, String> governed() {
        return ImmutableMap.of(
                "rule", finder.quadrature().rule().name(),
                "refined", finder.refinement().map(Refinement::toString).orElse("NEVER"),
                "selection", finder.selection().name(),
                "one_semantic_group",
                        grouper.oneGroupSeed()
                                .map(seed -> "IF_NOT_SEPARATED, seed " + seed)
                                .orElse("NEVER"),
                "space", space.name(),
                "counting", counting.name(),
                "dead_neurons", dead.name());
    }

    private ImmutableList<String> warnings(NeuronCircuit circuit) {
        return ImmutableList.<String>builder()
                .addAll(warnings)
                .addAll(CircuitWarnings.of(circuit, space, residualTolerance))
                .build();
    }

    @Override
    public String toString() {
        return "CircuitBuilder" + options();
    }
}
