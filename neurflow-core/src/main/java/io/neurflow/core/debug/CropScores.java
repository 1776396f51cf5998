package io.neurflow.core.debug;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.PatchSet;
import io.neurflow.api.SourceImage;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** M of every neuron group of a layer for every window of some images (Appendix F). */
public final class CropScores {
    private final ImmutableList<ConceptConfidence> metrics;
    private final PatchSet patches;
    private final double threshold;
    /** [group][patch]. */
    private final double[][] scores;

    CropScores(ImmutableList<ConceptConfidence> metrics, PatchSet patches, double threshold, double[][] scores) {
        this.metrics = metrics;
        this.patches = patches;
        this.threshold = threshold;
        this.scores = scores;
    }

    /**
     * The groups.
     *
     * @return by index
     */
    public ImmutableList<NeuronGroup> groups() {
        return metrics.stream().map(ConceptConfidence::group).collect(ImmutableList.toImmutableList());
    }

    /**
     * The layer of the groups.
     *
     * @return as the circuit names it
     */
    public Layer layer() {
        return metrics.get(0).group().layer();
    }

    /**
     * The images.
     *
     * @return in order
     */
    public ImmutableList<SourceImage> images() {
        return patches.images();
    }

    /**
     * From which M on a group is said to fire.
     *
     * @return the threshold
     */
    public double threshold() {
        return threshold;
    }

    /**
     * M of one window.
     *
     * @param group one of {@link #groups()}
     * @param patch index of the window
     * @return M(v, S<sub>G</sub>, D)
     */
    public double score(NeuronGroup group, int patch) {
        return scores[row(group)][patch];
    }

    private int row(NeuronGroup group) {
        int row = groups().indexOf(group);
        checkArgument(row >= 0, "expected one of the groups of %s, but %s is none", layer().name(), group.name());
        return row;
    }

    /**
     * The windows of an image.
     *
     * @param image one of {@link #images()}
     * @return by index
     */
    public ImmutableList<Patch> windows(SourceImage image) {
        return patches.patches().stream()
                .filter(patch -> patch.image() == image.index())
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * What a group sees in an image.
     *
     * @param group one of {@link #groups()}
     * @param image one of {@link #images()}
     * @return the highest M and where it is
     */
    public GroupFiring firing(NeuronGroup group, SourceImage image) {
        double[] row = scores[row(group)];
        ImmutableList<Patch> windows = windows(image);
        checkArgument(!windows.isEmpty(), "expected an image with windows, but %s has none", image.name());
        Patch best = windows.get(0);
        Patch largest = windows.get(0);
        for (Patch window : windows) {
            best = row[window.index()] > row[best.index()] ? window : best;
            largest = window.size() > largest.size() ? window : largest;
        }
        double highest = row[best.index()];
        return new GroupFiring(group, image, row[largest.index()], highest, best, highest >= threshold);
    }

    /**
     * The groups that fire on an image.
     *
     * @param image one of {@link #images()}
     * @return the highest M first, the lower index first on ties
     */
    public ImmutableList<GroupFiring> firing(SourceImage image) {
        return groups().stream()
                .map(group -> firing(group, image))
                .filter(GroupFiring::fires)
                .sorted(Comparator.comparingDouble((GroupFiring firing) -> -firing.highest()))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The windows in which a group's concept is seen.
     *
     * @param group one of {@link #groups()}
     * @param image one of {@link #images()}
     * @return those whose M reaches the threshold, by index
     */
    public ImmutableList<Patch> above(NeuronGroup group, SourceImage image) {
        double[] row = scores[row(group)];
        return windows(image).stream()
                .filter(window -> row[window.index()] >= threshold)
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The share of the images on which a group fires.
     *
     * @param group one of {@link #groups()}
     * @return between 0 and 1
     */
    public double shareFiring(NeuronGroup group) {
        return images().stream()
                .mapToDouble(image -> firing(group, image).fires() ? 1 : 0)
                .average()
                .orElse(0);
    }

    /**
     * The mean over the images of the highest M.
     *
     * @param group one of {@link #groups()}
     * @return 0 or more
     */
    public double meanHighest(NeuronGroup group) {
        return images().stream()
                .mapToDouble(image -> firing(group, image).highest())
                .average()
                .orElse(0);
    }

    /**
     * Where in an image a group's concept is seen.
     *
     * @param group one of {@link #groups()}
     * @param image one of {@link #images()}
     * @return a value for each pixel
     */
    public HeatMap heatMap(NeuronGroup group, SourceImage image) {
        double[] row = scores[row(group)];
        ImmutableList<Patch> windows = windows(image);
        int side = patches.patches().stream()
                .mapToInt(patch -> Math.max(patch.top(), patch.left()) + patch.size())
                .max()
                .orElse(1);
        List<Double> heat = windows.stream().map(window -> row[window.index()]).toList();
        return HeatMap.of(side, windows, heat);
    }

    /** The table: a line for each image, a column for each group, the highest M in each cell, a star where it fires. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "highest M of the groups of %s over the windows of %d images; * from %.2f on",
                layer().name(),
                images().size(),
                threshold));
        text.append('\n').append(" ".repeat(28));
        groups().forEach(group -> text.append(String.format(Locale.ROOT, "%7s", "G" + group.index())));
        for (SourceImage image : images()) {
            String name = image.name();
            text.append(String.format(
                    Locale.ROOT, "\n%-28s", name.length() > 27 ? name.substring(name.length() - 27) : name));
            for (NeuronGroup group : groups()) {
                GroupFiring firing = firing(group, image);
                text.append(String.format(Locale.ROOT, " %5.2f%s", firing.highest(), firing.fires() ? "*" : " "));
            }
        }
        text.append(String.format(Locale.ROOT, "\n%-28s", "fires on"));
        groups().forEach(group -> text.append(String.format(Locale.ROOT, " %4.0f %%", 100 * shareFiring(group))));
        return text.toString();
    }
}
