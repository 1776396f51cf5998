package io.neurflow.core.certificate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Neuron;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What becomes of the core concept neurons of a target when its images are drawn again: a bootstrap over images, since crops of
 * one image are not independent. The concept stays as it is.
 *
 * @param target a
 * @param images how many images the patches of its concept come from
 * @param sources the core concept neurons, best first
 */
public record Stability(Neuron target, int images, ImmutableList<Source> sources) {
    /**
     * One core concept neuron.
     *
     * @param neuron s
     * @param selected how often it is among the &tau; best of a draw
     * @param sameSign how often its score has the sign that it has on all patches
     * @param mean its score, a mean over the patches
     * @param low lower end of the 95 % interval of the mean, by the studentised bootstrap over images
     * @param high upper end
     */
    public record Source(Neuron neuron, double selected, double sameSign, double mean, double low, double high) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: in %.0f %% of draws, sign %.0f %%, T/k %.3g in [%.3g, %.3g]",
                    neuron,
                    100 * selected,
                    100 * sameSign,
                    mean,
                    low,
                    high);
        }
    }

    /**
     * Draws images again.
     *
     * @param scores T[v, c] for the patches of the concept
     * @param images the image of each patch
     * @param tau how many channels are chosen
     * @param draws how many draws; 1000 for intervals
     * @param seed of the draws
     * @return the stability of the &tau; channels with the largest |&Sigma;<sub>v</sub> T|
     */
    public static Stability of(ImportanceScores scores, ImmutableIntArray images, int tau, int draws, long seed) {
        checkArgument(
                images.length() == scores.patches() && draws > 0,
                "expected the image of each of %s patches and a positive number of draws, but there are %s and %s",
                scores.patches(),
                images.length(),
                draws);
        List<int[]> clusters = clusters(images);
        int channels = scores.source().shape().channels();
        double[] all = new double[channels];
        int[] everyOne = IntStream.range(0, clusters.size()).toArray();
        double[][] sums = new double[clusters.size()][channels];
        int[] sizes = new int[clusters.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = clusters.get(i).length;
            for (int row : clusters.get(i)) {
                for (int c = 0; c < channels; c++) {
                    sums[i][c] += scores.value(row, c);
                    all[c] += scores.value(row, c);
                }
            }
        }
        int[] chosen = best(all, tau);
        int[] selected = new int[channels];
        int[] same = new int[channels];
        double[][] pivots = new double[chosen.length][draws];
        Random random = new Random(seed);
        for (int draw = 0; draw < draws; draw++) {
            int[] again = random.ints(sizes.length, 0, sizes.length).toArray();
            double[] total = new double[channels];
            for (int i : again) {
                for (int c = 0; c < channels; c++) {
                    total[c] += sums[i][c];
                }
            }
            for (int c : best(total, tau)) {
                selected[c]++;
            }
            for (int n = 0; n < chosen.length; n++) {
                int c = chosen[n];
                same[c] += Math.signum(total[c]) == Math.signum(all[c]) ? 1 : 0;
                double[] theirs = meanAndError(sums, sizes, again, c);
                double mean = meanAndError(sums, sizes, everyOne, c)[0];
                pivots[n][draw] = theirs[1] > 0 ? (theirs[0] - mean) / theirs[1] : 0;
            }
        }
        ImmutableList.Builder<Source> sources = ImmutableList.builder();
        for (int n = 0; n < chosen.length; n++) {
            int c = chosen[n];
            double[] own = meanAndError(sums, sizes, everyOne, c);
            Arrays.sort(pivots[n]);
            double upper = pivots[n][(int) Math.min(draws - 1.0, Math.ceil(0.975 * draws))];
            double lower = pivots[n][(int) Math.floor(0.025 * draws)];
            sources.add(new Source(
                    scores.source().neuron(c),
                    (double) selected[c] / draws,
                    (double) same[c] / draws,
                    own[0],
                    own[0] - upper * own[1],
                    own[0] - lower * own[1]));
        }
        return new Stability(scores.target(), sizes.length, sources.build());
    }

    private static List<int[]> clusters(ImmutableIntArray images) {
        List<int[]> clusters = new ArrayList<>();
        images.stream()
                .distinct()
                .sorted()
                .forEach(image -> clusters.add(IntStream.range(0, images.length())
                        .filter(row -> images.get(row) == image)
                        .toArray()));
        return clusters;
    }

    /** The mean over patches, and its standard error where images are independent: that of a ratio of sums. */
    private static double[] meanAndError(double[][] sums, int[] sizes, int[] which, int channel) {
        double total = 0;
        double count = 0;
        for (int i : which) {
            total += sums[i][channel];
            count += sizes[i];
        }
        double mean = total / count;
        double squares = 0;
        for (int i : which) {
            double rest = sums[i][channel] - mean * sizes[i];
            squares += rest * rest;
        }
        int n = which.length;
        return new double[] {mean, n > 1 ? Math.sqrt(squares * n / (n - 1.0)) / count : 0};
    }

    private static int[] best(double[] sums, int tau) {
        return IntStream.range(0, sums.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -Math.abs(sums[c])))
                .limit(tau)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * How stable the choice is.
     *
     * @return the mean share of draws in which a core concept neuron is chosen again
     */
    public double meanSelected() {
        return sources.stream().mapToDouble(Source::selected).average().orElse(Double.NaN);
    }

    @Override
    public String toString() {
        return target + ", " + images + " images: " + sources;
    }
}
