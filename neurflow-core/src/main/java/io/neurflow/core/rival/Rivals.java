package io.neurflow.core.rival;

import static com.google.common.base.Preconditions.checkArgument;

import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;
import io.neurflow.core.attribution.Attribution;
import io.neurflow.core.graph.GraphLayers;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;

/** The rankings that others use, each under its right name. */
public final class Rivals {
    private Rivals() {}

    private record Named(String name, boolean signed, Function<Question, double[]> rule) implements ChannelRanking {
        @Override
        public double[] scores(Question question) {
            return rule.apply(question);
        }
    }

    /**
     * Uniform random scores, drawn anew for each target: what everything has to beat.
     *
     * @param seed of the draws; a target gets the same scores whatever was asked before
     * @return the ranking
     */
    public static ChannelRanking random(long seed) {
        return new Named("random", false, question -> {
            Neuron target = question.target();
            int place = Objects.hash(target.layer().name(), target.channel());
            return new Random(seed * 1_000_003 + place)
                    .doubles(question.channels())
                    .toArray();
        });
    }

    /**
     * The mean of each channel over positions and patches, as one who looks at activations alone would rank.
     *
     * @return the ranking
     */
    public static ChannelRanking meanActivation() {
        return new Named("mean activation", false, question -> means(question.maps()));
    }

    private static double[] means(Tensor maps) {
        double[][] rows = maps.spatialMeans();
        double[] means = new double[maps.shape().channels()];
        for (double[] row : rows) {
            for (int c = 0; c < means.length; c++) {
                means[c] += row[c] / rows.length;
            }
        }
        return means;
    }

    /**
     * &Vert;W<sub>a,s</sub>&Vert;<sub>2</sub>: the norm of the weights that join a channel to the target, as circuits by hand
     * rank (Cammarata et al., Thread: Circuits, 2020). It has an answer only where exactly one convolution or dense layer
     * lies between the two layers.
     *
     * @param graph the network that the probe runs, with its layers
     * @return the ranking
     */
    public static ChannelRanking weightNorm(GraphLayers graph) {
        return new WeightNorm(graph);
    }

    /**
     * Gradient times activation towards a's own activation: the mean over the patches of |&Sigma;<sub>p</sub> x<sub>p</sub>
     * &part;&phi;<sub>a</sub>/&part;x<sub>p</sub>|, which is the first-order estimate of what removing the channel does to a.
     *
     * @return the ranking
     */
    public static ChannelRanking gradientTimesActivation() {
        return new Named("gradient x activation", false, question -> contribution(question, question.target()));
    }

    /**
     * NeuronMCT (Khakzar et al., Neural Response Interpretation through the Lens of Critical Pathways, CVPR 2021): gradient
     * times activation towards the logit, whatever the target is.
     *
     * @param logit of the class
     * @return the ranking
     */
    public static ChannelRanking neuronMct(Neuron logit) {
        return new Named("NeuronMCT (to the logit)", false, question -> contribution(question, logit));
    }

    private static double[] contribution(Question question, Neuron towards) {
        Tensor gradient = question.probe().gradient(question.source(), question.maps(), towards);
        double[] x = question.maps().toDoubles();
        double[] g = gradient.toDoubles();
        int positions = question.source().shape().positions();
        int channels = question.channels();
        double[] scores = new double[channels];
        for (int v = 0; v < question.maps().count(); v++) {
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                int start = (v * channels + c) * positions;
                for (int p = start; p < start + positions; p++) {
                    sum += x[p] * g[p];
                }
                scores[c] += Math.abs(sum) / question.maps().count();
            }
        }
        return scores;
    }

    /**
     * NeuronIntGrad (Khakzar et al. 2021): the mean over the patches of the magnitude of integrated gradients from 0 towards
     * the logit, whatever the target is.
     *
     * @param logit of the class
     * @param quadrature points on the ray; Gauss-Legendre with 50 is a good choice
     * @return the ranking
     */
    public static ChannelRanking neuronIntGrad(Neuron logit, Quadrature quadrature) {
        return new Named("NeuronIntGrad (to the logit)", false, question -> {
            ImportanceScores scores =
                    question.probe().importance(question.source(), question.maps(), logit, quadrature);
            return scores.meanMagnitudes();
        });
    }

    /**
     * The effect of knocking out one channel at a time: the mean over the patches of &phi;<sub>a</sub> with the channel less
     * that without. As many forward passes as the layer has channels.
     *
     * @return the ranking; positive where the channel speaks for a
     */
    public static ChannelRanking singleKnockOut() {
        return new Named("single knock-out", true, question -> {
            double before = mean(question, List.of());
            double[] effects = new double[question.channels()];
            for (int c = 0; c < effects.length; c++) {
                effects[c] = before - mean(question, List.of(c));
            }
            return effects;
        });
    }

    /**
     * Any attribution towards the target itself, as a ranking: by the magnitude of what it gives summed over the concept's patches,
     * as |T| ranks (Eq. 2, Definition 3).
     *
     * @param attribution such as those of {@link io.neurflow.core.attribution.Attributions}
     * @return the ranking, of the same name
     */
    public static ChannelRanking attribution(Attribution attribution) {
        return new Attributed(attribution);
    }

    private record Attributed(Attribution attribution) implements ChannelRanking {
        @Override
        public String name() {
            return attribution.name();
        }

        @Override
        public boolean signed() {
            return attribution.signed();
        }

        @Override
        public boolean appliesTo(Layer source, Layer above) {
            return attribution.appliesTo(source, above);
        }

        @Override
        public double[] scores(Question question) {
            return attribution.scores(question.probe(), question.source(), question.maps(), question.target());
        }
    }

    /**
     * A ranking with signs without what speaks against the target: max(score, 0). What inhibits a target matters to it, but without
     * it the target rises, so that a core of both signs loses less of a concept than one of supporters alone.
     *
     * @param ranking has signs
     * @return the ranking, its name followed by {@code , positive only}
     */
    public static ChannelRanking supporting(ChannelRanking ranking) {
        checkArgument(
                ranking.signed(), "expected a ranking with signs, but %s has none; take it as it is", ranking.name());
        return new Supporting(ranking);
    }

    private record Supporting(ChannelRanking ranking) implements ChannelRanking {
        @Override
        public String name() {
            return ranking.name() + ", positive only";
        }

        @Override
        public boolean appliesTo(Layer source, Layer above) {
            return ranking.appliesTo(source, above);
        }

        @Override
        public double[] scores(Question question) {
            return Arrays.stream(ranking.scores(question))
                    .map(score -> Math.max(score, 0))
                    .toArray();
        }
    }

    /**
     * Model-X knockoffs as NeuCEPT uses them (Vu et al., 2022; Cand&egrave;s et al., 2018); see {@link Knockoffs}.
     *
     * @param seed of the knockoffs
     * @return the ranking
     */
    public static ChannelRanking knockoffs(long seed) {
        return new Knockoffs(seed);
    }

    private static double mean(Question question, List<Integer> without) {
        Neuron target = question.target();
        Tensor above =
                question.probe().forward(question.source(), question.maps().withoutChannels(without), target.layer());
        return means(above)[target.channel()];
    }
}
