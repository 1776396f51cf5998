package io.neurflow.core;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronConcept;
import io.neurflow.api.SemanticGroup;
import io.neurflow.api.SemanticGroups;
import io.neurflow.core.cluster.Clusters;
import io.neurflow.core.cluster.SingleGroupTest;
import java.util.Optional;

/**
 * Splits the concept of a neuron into semantic groups (Section 3.4, Algorithm 2): Ward clustering of the representative
 * vectors r(v) (Eq. 3), raw means of all channels of the layer below, in Euclidean distance; the number of groups from 2 up
 * to N_cluster whose mean silhouette is highest, the smallest on ties. The paper names neither linkage nor distance nor
 * N_cluster: these are the authors' code's.
 *
 * <p>Immutable: every setting returns a changed copy. By default a concept that does not split more clearly than a single
 * cloud of points would stays one group; the paper and its code always split.
 */
public final class SemanticGrouper {
    private static final int DRAWS = 39;
    private static final double QUANTILE = 0.95;

    private final int maxGroups;
    private final Optional<Long> oneGroupSeed;

    private SemanticGrouper(int maxGroups, Optional<Long> oneGroupSeed) {
        this.maxGroups = maxGroups;
        this.oneGroupSeed = oneGroupSeed;
    }

    /**
     * The recommended grouper.
     *
     * @return up to 5 groups, one group allowed, seed 1
     */
    public static SemanticGrouper ward() {
        return new SemanticGrouper(5, Optional.of(1L));
    }

    /**
     * Sets whether one group is allowed as a preset has it.
     *
     * @param preset which
     * @return a changed copy
     */
    public SemanticGrouper preset(Preset preset) {
        return preset == Preset.RECOMMENDED ? allowingOneGroup(1) : neverOneGroup();
    }

    /**
     * Sets the most groups of one concept, N_cluster in Algorithm 2. 5 by default, as in the authors' code.
     *
     * @param most 2 or more
     * @return a changed copy
     */
    public SemanticGrouper maxGroups(int most) {
        checkArgument(most >= 2, "expected two groups or more at the most, but it is %s", most);
        return new SemanticGrouper(most, oneGroupSeed);
    }

    /**
     * Keeps a concept whole if its best silhouette is not above the 95 % quantile of those of 39 draws from one normal
     * distribution with the same covariance. This is the default.
     *
     * @param seed of the draws
     * @return a changed copy
     */
    public SemanticGrouper allowingOneGroup(long seed) {
        return new SemanticGrouper(maxGroups, Optional.of(seed));
    }

    /**
     * Splits every concept of more than one patch, as the paper and its code do.
     *
     * @return a changed copy
     */
    public SemanticGrouper neverOneGroup() {
        return new SemanticGrouper(maxGroups, Optional.empty());
    }

    /**
     * N_cluster.
     *
     * @return the most groups of one concept
     */
    public int maxGroups() {
        return maxGroups;
    }

    /**
     * The seed of the test for one group.
     *
     * @return empty if every concept is split
     */
    public Optional<Long> oneGroupSeed() {
        return oneGroupSeed;
    }

    /**
     * Splits a concept.
     *
     * @param concept V<sub>a</sub>
     * @param space the layer whose activations are the representative vectors; the one below a in the paper
     * @param activations with those of {@code space}
     * @return the groups, numbered by first appearance in the concept
     */
    public SemanticGroups group(NeuronConcept concept, Layer space, PatchActivations activations) {
        double[][] vectors = activations.representativeVectors(space, concept.patches());
        Clusters clusters = Clusters.of(vectors, maxGroups);
        if (oneGroupSeed.isPresent()
                && new SingleGroupTest(DRAWS, QUANTILE, oneGroupSeed.get()).isOneGroup(vectors, clusters, maxGroups)) {
            clusters = clusters.merged();
        }
        ImmutableList.Builder<SemanticGroup> groups = ImmutableList.builder();
        for (int j = 0; j < clusters.count(); j++) {
            ImmutableIntArray.Builder members = ImmutableIntArray.builder();
            for (int i = 0; i < concept.size(); i++) {
                if (clusters.labels().get(i) == j) {
                    members.add(concept.patches().get(i));
                }
            }
            groups.add(new SemanticGroup(concept.neuron(), j, members.build()));
        }
        return new SemanticGroups(groups.build(), space, clusters.silhouettes());
    }

    @Override
    public String toString() {
        return "SemanticGrouper[Ward, up to " + maxGroups + " groups, "
                + oneGroupSeed.map(seed -> "one group allowed, seed " + seed).orElse("never one group") + "]";
    }
}
