package io.neurflow.examples.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.Neuron;
import io.neurflow.api.Quadrature;
import io.neurflow.api.Tensor;

/**
 * What was measured of one block.
 *
 * @param lower layer whose channels are scored
 * @param upper layer of the targets
 * @param lowerTensor what the model's file calls the value of {@code lower}
 * @param upperTensor what it calls the value of {@code upper}
 * @param k patches of each target
 * @param quadrature nodes and weights
 * @param x feature maps of all patches, [patches, shape of {@code lower}]
 * @param targets for each target the rows of {@code x} that are its concept
 * @param scores of each target
 * @param coldSeconds for all targets, in the first run: programs are written and code is compiled in it
 * @param seconds for all targets, in each of the runs after that
 * @param gflop 10<sup>9</sup> operations that the plain way spends on convolutions and dense operators of the part of the block
 *     that a target depends on, for one target, all patches and points; the mean over the targets
 * @param plain the plain way on the first target, if it was asked for
 */
public record BlockTimes(
        Layer lower,
        Layer upper,
        String lowerTensor,
        String upperTensor,
        int k,
        Quadrature quadrature,
        Tensor x,
        ImmutableMap<Neuron, ImmutableIntArray> targets,
        ImmutableMap<Neuron, ImportanceScores> scores,
        double coldSeconds,
        ImmutableDoubleArray seconds,
        double gflop,
        ImmutableList<PlainTimes> plain) {

    /**
     * Seconds for one target: the median of the runs, over the number of targets.
     *
     * @return warm
     */
    public double secondsPerTarget() {
        return Stopwatch.median(seconds) / targets.size();
    }

    /**
     * The channels of the targets.
     *
     * @return in the order of {@link #targets}
     */
    public ImmutableIntArray channels() {
        return ImmutableIntArray.copyOf(targets.keySet().stream().mapToInt(Neuron::channel));
    }

    /**
     * Everything in one object.
     *
     * @param model name of the model
     * @param engine what computed
     * @param convolutionPeak of the same run, in 10<sup>9</sup> operations a second
     * @return the fields that {@code bench/README.md} explains
     */
    public JsonLine json(String model, String engine, double convolutionPeak) {
        double effective = gflop / secondsPerTarget();
        JsonLine line = new JsonLine()
                .put("kind", "block")
                .put("block", lower.name() + ":" + upper.name())
                .put("lower_tensor", lowerTensor)
                .put("upper_tensor", upperTensor)
                .put("model", model)
                .put("engine", engine)
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("k", k)
                .put("steps", quadrature.steps())
                .put("rule", quadrature.rule().name())
                .put("targets", targets.size())
                .put("channels", channels())
                .put("distinct_patches", x.count())
                .measured("seconds_per_target", secondsPerTarget())
                .measured("first_run_seconds_per_target", coldSeconds / targets.size())
                .put("runs", seconds.length())
                .measured("run_seconds_range", Stopwatch.range(seconds))
                .measured("plain_gflop_per_target", gflop)
                .measured("effective_gflops_per_second", effective)
                .measured("convolution_peak_gflops_per_second", convolutionPeak)
                .measured("effective_share_of_convolution_peak", effective / convolutionPeak);
        for (PlainTimes twin : plain) {
            line.put("plain_channel", twin.channel())
                    .measured("plain_seconds_per_target", twin.seconds())
                    .measured("ratio_to_plain", twin.seconds() / secondsPerTarget())
                    .measured("plain_gflops_per_second", twin.gflop() / twin.seconds())
                    .measured("plain_share_of_convolution_peak", twin.gflop() / twin.seconds() / convolutionPeak)
                    .measured("relative_l2_to_plain", twin.relativeL2());
        }
        return line.peakMemory();
    }
}
