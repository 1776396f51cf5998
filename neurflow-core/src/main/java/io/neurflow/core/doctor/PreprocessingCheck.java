package io.neurflow.core.doctor;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.image.ChannelOrder;
import io.neurflow.core.image.Preprocessing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Which of the usual preparations of images goes with a model: the one under which it is right about most images of their
 * class (or, if that is not known, most certain), with scores of the size that trained classifiers have. Near-ties stay what
 * they are: a guess.
 */
final class PreprocessingCheck {
    /** How much better another way has to score for a word: more than chance among a few images. */
    private static final double CLEARLY = 9;

    /** How far the best score of a trained classifier stands above the mean of its scores, give or take a factor of 4. */
    private static final double USUAL_LEAD = 12;

    private static final double FREE_FACTOR = 4;
    /** For each factor of 10 beyond that. Pixels a hundred times too large make a model certain, not right. */
    private static final double PENALTY = 40;

    private final Consumer<Finding> to;

    PreprocessingCheck(Consumer<Finding> to) {
        this.to = to;
    }

    /** A name and what it does, for inputs of a side. */
    private record Way(String name, Preprocessing preprocessing) {}

    private static ImmutableList<Way> ways(Preprocessing asked) {
        ImmutableList.Builder<Way> ways = ImmutableList.builder();
        Preprocessing imageNet = Preprocessing.imageNet();
        Preprocessing caffe = Preprocessing.caffe();
        for (ChannelOrder order : ChannelOrder.values()) {
            String suffix = ", " + order;
            boolean rgb = order == ChannelOrder.RGB;
            ways.add(way(
                    rgb ? "imagenet" : "imagenet" + suffix,
                    asked,
                    255,
                    inOrder(imageNet.mean(), !rgb),
                    inOrder(imageNet.std(), !rgb),
                    order));
            ways.add(way(
                    rgb ? "caffe" + suffix : "caffe",
                    asked,
                    1,
                    inOrder(caffe.mean(), rgb),
                    inOrder(caffe.std(), rgb),
                    order));
            ways.add(way("0..1" + suffix, asked, 255, all(0), all(1), order));
            ways.add(way("-1..1" + suffix, asked, 127.5, all(1), all(1), order));
            ways.add(way("0..255" + suffix, asked, 1, all(0), all(1), order));
        }
        return ways.build();
    }

    private static Way way(
            String name,
            Preprocessing asked,
            double divisor,
            ImmutableDoubleArray mean,
            ImmutableDoubleArray std,
            ChannelOrder order) {
        return new Way(name, new Preprocessing(asked.resize(), asked.side(), divisor, mean, std, order));
    }

    private static ImmutableDoubleArray all(double value) {
        return ImmutableDoubleArray.of(value, value, value);
    }

    private static ImmutableDoubleArray inOrder(ImmutableDoubleArray values, boolean reversed) {
        return reversed ? ImmutableDoubleArray.of(values.get(2), values.get(1), values.get(0)) : values;
    }

    /**
     * Tries all ways.
     *
     * @param probe the model
     * @param crops bytes [side, side, 3] in RGB
     * @param asked what the user means to use; its sides are kept
     * @param target the class of the images, if known
     */
    ImmutableList<PreprocessingGuess> run(
            ModelProbe probe, List<byte[]> crops, Preprocessing asked, OptionalInt target) {
        List<PreprocessingGuess> guesses = new ArrayList<>();
        for (Way way : ways(asked)) {
            guesses.add(guess(probe, way, inputs(crops, way.preprocessing()), target));
        }
        guesses.sort(Comparator.comparingDouble(PreprocessingGuess::score).reversed());
        PreprocessingGuess mine = guess(probe, new Way("yours", asked), inputs(crops, asked), target);
        PreprocessingGuess best = guesses.get(0);
        boolean same = best.preprocessing().equals(asked);
        if (!same && best.score() > mine.score() + CLEARLY) {
            to.accept(new Finding(
                    target.isPresent() ? Severity.WARNING : Severity.NOTE,
                    "preprocessing",
                    "",
                    "with '" + best.name() + "' the model has " + best.evidence() + "; with yours, " + mine.evidence(),
                    "a model that gets other pixels than in training is explained on images that it does not understand",
                    "find out how the model was trained; if you do not know, take '" + best.name() + "'"));
        }
        return ImmutableList.copyOf(guesses);
    }

    private static Tensor inputs(List<byte[]> crops, Preprocessing way) {
        Shape shape = way.shape();
        int plane = shape.positions();
        float[] values = new float[Math.multiplyExact(crops.size(), shape.size())];
        for (int n = 0; n < crops.size(); n++) {
            byte[] crop = crops.get(n);
            for (int c = 0; c < 3; c++) {
                int source = way.order() == ChannelOrder.RGB ? c : 2 - c;
                for (int p = 0; p < plane; p++) {
                    int b = crop[3 * p + source] & 0xff;
                    values[(n * 3 + c) * plane + p] = (float)
                            ((b / way.divisor() - way.mean().get(c)) / way.std().get(c));
                }
            }
        }
        return Tensor.ofFloats(crops.size(), shape, values);
    }

    private static PreprocessingGuess guess(ModelProbe probe, Way way, Tensor inputs, OptionalInt target) {
        Layer logits = probe.logits();
        double[][] scores = probe.forward(inputs, logits).spatialMeans();
        double logs = 0;
        double lead = 0;
        int right = 0;
        double certain = 0;
        for (double[] row : scores) {
            double largest = Double.NEGATIVE_INFINITY;
            int best = 0;
            for (int c = 0; c < row.length; c++) {
                if (row[c] > largest) {
                    largest = row[c];
                    best = c;
                }
            }
            double sum = 0;
            for (double score : row) {
                sum += Math.exp(score - largest);
            }
            int of = target.orElse(best);
            double log = row[of] - largest - Math.log(sum);
            logs += log;
            lead += (largest - Arrays.stream(row).average().orElse(0)) / scores.length;
            certain += Math.exp(log);
            right += best == of ? 1 : 0;
        }
        double meanLog = logs / scores.length;
        double off = Math.max(0, Math.abs(Math.log10(lead / USUAL_LEAD)) - Math.log10(FREE_FACTOR));
        double share = target.isPresent() ? (double) right / scores.length : certain / scores.length;
        double score = 100 * share - PENALTY * off + Math.max(-10, meanLog);
        String evidence = target.isPresent()
                ? String.format(
                        Locale.ROOT,
                        "%d of %d images as class %d, mean log probability %.3f, best score %.1f above the mean",
                        right,
                        scores.length,
                        target.getAsInt(),
                        meanLog,
                        lead)
                : String.format(
                        Locale.ROOT,
                        "mean probability of the best class %.3f, its score %.1f above the mean",
                        certain / scores.length,
                        lead);
        return new PreprocessingGuess(way.name(), way.preprocessing(), Double.isFinite(score) ? score : -1e9, evidence);
    }
}
