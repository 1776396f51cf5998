package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.CheckedProbe;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.Neuron;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A SameDiff graph as it is, with SameDiff's own derivatives. */
final class WrappedProbe extends CheckedProbe {
    private static final int INPUT = -1;

    private record Way(int from, int to, String part) {
        private static final String FORWARD = "";
    }

    private final WrappedModel model;
    private final WrappedLayer input;
    private final ImmutableList<WrappedLayer> wrapped;
    private final Map<Way, Program> programs = new HashMap<>();

    /** Takes the model over. */
    WrappedProbe(
            ModelInfo info,
            WrappedModel model,
            WrappedLayer input,
            ImmutableList<WrappedLayer> wrapped,
            ImmutableList<Layer> layers) {
        super(info, input.shape(), layers);
        this.model = model;
        this.input = input;
        this.wrapped = wrapped;
    }

    /** Writes the ways from each layer to the next and back, so that what cannot be done is refused now. */
    void prepare() {
        for (int i = INPUT; i + 1 < wrapped.size(); i++) {
            forward(i, i + 1);
            if (i > INPUT) {
                pullback(i, i + 1, 0);
            }
        }
    }

    @Override
    public int preferredBatch() {
        return model.batch();
    }

    @Override
    protected Tensor compute(Tensor inputs, Layer to) {
        return run(INPUT, inputs, to.index());
    }

    @Override
    protected Tensor computeBetween(Layer from, Tensor activations, Layer to) {
        return run(from.index(), activations, to.index());
    }

    private Tensor run(int from, Tensor x, int to) {
        Program program = forward(from, to);
        float[] values = x.toFloats();
        WrappedLayer upper = wrapped.get(to);
        float[] result = new float[x.count() * upper.shape().size()];
        for (int start = 0; start < x.count(); start += model.batch()) {
            int count = Math.min(model.batch(), x.count() - start);
            List<float[]> parts = program.call(lower(from).split(values, start, count, model.length(count)));
            upper.join(parts, count, result, start);
        }
        return Tensor.ofFloats(x.count(), upper.shape(), result);
    }

    @Override
    protected Tensor differentiate(Layer from, Tensor activations, Neuron target) {
        int to = target.layer().index();
        Program program = pullback(from.index(), to, target.channel());
        float[] values = activations.toFloats();
        WrappedLayer lower = lower(from.index());
        float[] result = new float[values.length];
        for (int start = 0; start < activations.count(); start += model.batch()) {
            int count = Math.min(model.batch(), activations.count() - start);
            int length = model.length(count);
            Map<String, Program.Values> all = new HashMap<>(lower.split(values, start, count, length));
            all.put(program.lastInput(), wrapped.get(to).mean(target.channel(), length));
            lower.join(program.call(all), count, result, start);
        }
        return Tensor.ofFloats(activations.count(), from.shape(), result);
    }

    private WrappedLayer lower(int index) {
        return index == INPUT ? input : wrapped.get(index);
    }

    private Program forward(int from, int to) {
        return programs.computeIfAbsent(
                new Way(from, to, Way.FORWARD),
                way -> model.forward(
                        lower(from), ImmutableList.copyOf(wrapped.get(to).variables())));
    }

    private Program pullback(int from, int to, int channel) {
        UnitLayout part = wrapped.get(to).part(channel);
        return programs.computeIfAbsent(new Way(from, to, part.variable()), way -> model.pullback(lower(from), part));
    }

    @Override
    protected void release() {
        new ArrayList<>(programs.values()).forEach(Program::close);
        programs.clear();
        model.close();
    }
}
