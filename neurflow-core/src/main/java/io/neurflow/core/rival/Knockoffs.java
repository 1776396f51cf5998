package io.neurflow.core.rival;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.Neuron;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Model-X knockoffs (Cand&egrave;s, Fan, Janson and Lv, 2018), by which NeuCEPT finds critical neurons (Vu, Nguyen and Thai, 2022).
 *
 * <p>X are the spatial means of the channels on the patches, standardised, y is &phi;<sub>a</sub>. To each channel a copy is drawn
 * that goes with the others as it does but knows nothing of y beyond them: second-order Gaussian knockoffs X&#771; = X (I - s
 * &Sigma;<sup>-1</sup>) + Z (2 s I - s&sup2; &Sigma;<sup>-1</sup>)<sup>1/2</sup> with the equicorrelated s = min(1, 2
 * &lambda;<sub>min</sub>(&Sigma;)), Z standard normal, and &Sigma; the correlations with the ridge of {@link Spectrum}, without which
 * fewer patches than channels would leave s = 0. The statistic is the lasso coefficient difference W<sub>c</sub> =
 * |&beta;<sub>c</sub>| - |&beta;<sub>c+p</sub>| of y on X and X&#771; together, &lambda; by cross-validation; the score is max(W, 0),
 * as a channel whose copy does better is no candidate whatever W's magnitude.
 *
 * <p>It asks which channels tell what the target does over these patches, not what it would do without them: nothing is knocked out.
 * Channels that do not vary score 0. What is left out: the threshold on W that bounds false discoveries (here all take the
 * tau largest), and the grouping by which NeuCEPT goes on. O(n&sup2; p) for n patches and p channels.
 *
 * @param seed of Z; a target gets the same copies whatever was asked before
 */
record Knockoffs(long seed) implements ChannelRanking {
    @Override
    public String name() {
        return "knockoffs";
    }

    @Override
    public double[] scores(Question question) {
        int n = question.maps().count();
        checkArgument(n >= 3, "expected 3 patches or more to draw knockoffs from, but there are %s", n);
        Neuron target = question.target();
        double[][] above = question.probe()
                .forward(question.source(), question.maps(), target.layer())
                .spatialMeans();
        double[] y =
                Arrays.stream(above).mapToDouble(row -> row[target.channel()]).toArray();
        int place = Objects.hash(target.layer().name(), target.channel());
        return scores(question.maps().spatialMeans(), y, new Random(seed * 1_000_003 + place));
    }

    /** max(W, 0) of each column of x [row][column]. */
    static double[] scores(double[][] x, double[] y, Random random) {
        double[][] columns = columns(x);
        double[] response = y.clone();
        double[] scores = new double[columns.length];
        int[] varying = IntStream.range(0, columns.length)
                .filter(c -> standardise(columns[c]))
                .toArray();
        if (varying.length == 0 || !standardise(response)) {
            return scores;
        }
        double[][] own = Arrays.stream(varying).mapToObj(c -> columns[c]).toArray(double[][]::new);
        double[][] copies = columns(copies(columns(own), random));
        for (double[] copy : copies) {
            standardise(copy);
        }
        double[][] both = Arrays.copyOf(own, 2 * own.length);
        System.arraycopy(copies, 0, both, own.length, own.length);
        double[] beta = Lasso.crossValidated(both, response);
        for (int i = 0; i < varying.length; i++) {
            scores[varying[i]] = Math.max(0, Math.abs(beta[i]) - Math.abs(beta[own.length + i]));
        }
        return scores;
    }

    /** X&#771; of standardised rows. */
    static double[][] copies(double[][] x, Random random) {
        Spectrum spectrum = Spectrum.of(x);
        double s = equicorrelated(spectrum);
        double[][] copies = new double[x.length][];
        for (int v = 0; v < x.length; v++) {
            double[] mean = spectrum.apply(value -> 1 - s / value, x[v]);
            double[] z = IntStream.range(0, mean.length)
                    .mapToDouble(c -> random.nextGaussian())
                    .toArray();
            double[] noise = spectrum.apply(value -> Math.sqrt(Math.max(0, 2 * s - s * s / value)), z);
            copies[v] = IntStream.range(0, mean.length)
                    .mapToDouble(c -> mean[c] + noise[c])
                    .toArray();
        }
        return copies;
    }

    /** s, the same for all channels. */
    static double equicorrelated(Spectrum spectrum) {
        return Math.min(1, 2 * spectrum.least());
    }

    private static double[][] columns(double[][] x) {
        double[][] turned = new double[x[0].length][x.length];
        for (int v = 0; v < x.length; v++) {
            for (int c = 0; c < turned.length; c++) {
                turned[c][v] = x[v][c];
            }
        }
        return turned;
    }

    /** To mean 0 and variance 1; false, and nothing done, where all values are the same but for rounding. */
    private static boolean standardise(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0);
        double deviation = Math.sqrt(variance);
        if (!(deviation > 1e-9 * Math.abs(mean)) || deviation == 0) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (values[i] - mean) / deviation;
        }
        return true;
    }
}
