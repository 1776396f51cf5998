package io.neurflow.core.doctor;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Channels that say nothing, and numbers that are none, over some inputs. */
final class ActivationCheck {
    private static final int MOST_NAMED = 8;

    private final Consumer<Finding> to;
    private final boolean photographs;

    ActivationCheck(Consumer<Finding> to, boolean photographs) {
        this.to = to;
        this.photographs = photographs;
    }

    void run(ModelProbe probe, Map<Layer, Tensor> values) {
        for (Layer layer : probe.layers()) {
            Tensor value = values.get(layer);
            if (value != null) {
                layer(layer, value, layer.equals(probe.logits()));
            }
        }
        Tensor scores = values.get(probe.logits());
        if (scores != null) {
            output(probe.logits(), scores);
        }
    }

    private void layer(Layer layer, Tensor value, boolean logits) {
        float[] all = value.toFloats();
        int plane = layer.shape().positions();
        int channels = layer.shape().channels();
        List<Integer> dead = new ArrayList<>();
        List<Integer> constant = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            float least = Float.POSITIVE_INFINITY;
            float most = Float.NEGATIVE_INFINITY;
            for (int n = 0; n < value.count(); n++) {
                for (int p = 0; p < plane; p++) {
                    float v = all[(n * channels + c) * plane + p];
                    if (!Float.isFinite(v)) {
                        to.accept(Finding.error(
                                "channels",
                                layer.name(),
                                "channel " + c + " is " + v + " for input " + n,
                                "nothing above it can be explained",
                                "look at the weights below it, and at the range of the pixels"));
                        return;
                    }
                    least = Math.min(least, v);
                    most = Math.max(most, v);
                }
            }
            if (least == 0 && most == 0) {
                dead.add(c);
            } else if (value.count() > 1 && least == most) {
                constant.add(c);
            }
        }
        report(layer, dead, "are 0", channels, logits, value.count());
        report(layer, constant, "never change", channels, logits, value.count());
    }

    private void report(Layer layer, List<Integer> found, String what, int channels, boolean logits, int inputs) {
        if (found.isEmpty()) {
            return;
        }
        boolean grave = logits || 2 * found.size() > channels;
        to.accept(new Finding(
                grave && (photographs || logits) ? Severity.WARNING : Severity.NOTE,
                "channels",
                layer.name(),
                found.size() + " of " + channels + " channels " + what + " for all " + inputs
                        + (photographs ? " images: " : " synthetic inputs: ")
                        + found.subList(0, Math.min(MOST_NAMED, found.size()))
                        + (found.size() > MOST_NAMED ? " and more" : ""),
                "a neuron that does not answer has no concept, and no part in a circuit",
                grave
                        ? "check the preprocessing first; then whether the weights were loaded before export"
                        : photographs ? "nothing" : "nothing; give images to see whether they are dead on those too"));
    }

    /** Outputs that are probabilities although no operator says so. */
    private void output(Layer logits, Tensor scores) {
        float[] values = scores.toFloats();
        int classes = logits.shape().channels();
        if (classes < 2) {
            return;
        }
        for (int n = 0; n < scores.count(); n++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                float v = values[n * classes + c];
                if (v < 0) {
                    return;
                }
                sum += v;
            }
            if (Math.abs(sum - 1) > 1e-3) {
                return;
            }
        }
        to.accept(Finding.warning(
                "output",
                logits.name(),
                "no score is below 0 and the scores of each of " + scores.count() + " inputs add up to 1",
                "they are probabilities, made by operators that are not known as a softmax; their gradients do not tell"
                        + " what speaks for a class",
                "export the model without its last softmax, or name a layer below it as the top"));
    }
}
