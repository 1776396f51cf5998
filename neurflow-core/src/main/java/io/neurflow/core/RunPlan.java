package io.neurflow.core;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import java.time.Duration;
import java.util.Locale;

/**
 * What building a circuit would take. Counts are upper bounds, reached where no two neurons share a core concept neuron and
 * no two targets a patch; what a store holds already is taken off, and as far as it holds everything the counts are exact.
 * Times are estimates from small samples on this machine at this moment, so that a factor of two either way is no surprise,
 * and the sum rather too long than too short.
 *
 * @param images that patches come from
 * @param patches in D
 * @param steps from the root down, one for each pair of layers
 * @param forwards passes of one patch from the pixels: for activations, and for feature maps that start there
 * @param onward passes of one patch from a kept feature map to a higher layer
 * @param storedForwards patches whose activations the store holds
 * @param backwards integrals along a ray that are to be computed, one for each target and patch of its concept
 * @param memoryBytes of the Java heap at the peak, about; the engine's own memory comes on top
 * @param diskBytes that a store takes at the most
 * @param temporaryBytes of temporary files at the most
 * @param forwardTime estimate for all forwards
 * @param backwardTime estimate for all backwards
 */
public record RunPlan(
        int images,
        int patches,
        ImmutableList<Step> steps,
        long forwards,
        long onward,
        long storedForwards,
        long backwards,
        long memoryBytes,
        long diskBytes,
        long temporaryBytes,
        Duration forwardTime,
        Duration backwardTime) {

    /**
     * One pair of layers.
     *
     * @param upper where the targets are
     * @param lower where their core concept neurons are
     * @param targets how many at most
     * @param patches in the concepts of all, at most
     * @param backwards targets times k
     * @param stored how many of these the store holds
     * @param time estimate for the importance scores that are to be computed
     */
    public record Step(Layer upper, Layer lower, int targets, int patches, long backwards, long stored, Duration time) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s <- %s: at most %,d targets, %,d backwards%s, about %s",
                    upper.name(),
                    lower.name(),
                    targets,
                    backwards,
                    stored == 0 ? "" : String.format(Locale.ROOT, " (%,d of them stored)", stored),
                    text(time));
        }
    }

    /**
     * The whole time.
     *
     * @return estimate of forwards and backwards together
     */
    public Duration time() {
        return forwardTime.plus(backwardTime);
    }

    private static String text(Duration time) {
        double seconds = time.toNanos() / 1e9;
        return seconds < 90
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : String.format(Locale.ROOT, "%.1f minutes", seconds / 60);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "plan for %,d patches of %,d images (counts are upper bounds, times estimates)%n",
                patches,
                images));
        steps.forEach(step -> text.append("  ").append(step).append(System.lineSeparator()));
        text.append(String.format(
                Locale.ROOT,
                "  forwards   %,d, and %,d from kept feature maps, about %s%s%n  backwards  %,d, about %s%n"
                        + "  memory     %s of heap at the peak%n  disk       %s at most for temporary files, %s at most"
                        + " with a store%n  time       about %s",
                forwards,
                onward,
                text(forwardTime),
                storedForwards == 0 ? "" : String.format(Locale.ROOT, " (%,d are stored)", storedForwards),
                backwards,
                text(backwardTime),
                mebibytes(memoryBytes),
                mebibytes(temporaryBytes),
                mebibytes(diskBytes),
                text(time())));
        return text.toString();
    }
}
