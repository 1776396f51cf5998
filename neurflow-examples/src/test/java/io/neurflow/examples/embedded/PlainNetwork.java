package io.neurflow.examples.embedded;

/** The embedded network in plain Java for one picture: loops that read like the formulas. Nothing here knows ND4J. */
final class PlainNetwork implements Architecture.Builder<PlainNetwork.Value> {
    /** A value [channels, side, side]; flat if the side is 1. */
    record Value(int channels, int side, float[] data) {
        float at(int channel, int row, int column) {
            boolean inside = row >= 0 && row < side && column >= 0 && column < side;
            return inside ? data[(channel * side + row) * side + column] : 0;
        }
    }

    private final TrainedWeights weights;

    PlainNetwork(TrainedWeights weights) {
        this.weights = weights;
    }

    float[] logits(DrawnPicture picture) {
        return Architecture.build(this, new Value(3, EmbeddedModel.SIDE, EmbeddedModel.normalised(picture)))
                .data();
    }

    int classOf(DrawnPicture picture) {
        float[] logits = logits(picture);
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    @Override
    public Value conv(String name, Value input, int in, int out, int kernel, int stride) {
        float[] weight = weights.get(name + ".weight");
        float[] bias = weights.get(name + ".bias");
        int side = (input.side() - 1) / stride + 1;
        int pad = (kernel - 1) / 2;
        float[] data = new float[out * side * side];
        for (int i = 0; i < data.length; i++) {
            int channel = i / (side * side);
            int row = i / side % side;
            int column = i % side;
            float sum = bias[channel];
            for (int c = 0; c < in; c++) {
                for (int y = 0; y < kernel; y++) {
                    for (int x = 0; x < kernel; x++) {
                        float w = weight[((channel * in + c) * kernel + y) * kernel + x];
                        sum += w * input.at(c, row * stride + y - pad, column * stride + x - pad);
                    }
                }
            }
            data[i] = sum;
        }
        return new Value(out, side, data);
    }

    @Override
    public Value relu(String name, Value input) {
        float[] data = input.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] = Math.max(0, data[i]);
        }
        return new Value(input.channels(), input.side(), data);
    }

    @Override
    public Value add(String name, Value first, Value second) {
        float[] data = first.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] += second.data()[i];
        }
        return new Value(first.channels(), first.side(), data);
    }

    @Override
    public Value concat(String name, Value first, Value second) {
        float[] data = new float[first.data().length + second.data().length];
        System.arraycopy(first.data(), 0, data, 0, first.data().length);
        System.arraycopy(second.data(), 0, data, first.data().length, second.data().length);
        return new Value(first.channels() + second.channels(), first.side(), data);
    }

    @Override
    public Value mean(String name, Value input) {
        int plane = input.side() * input.side();
        float[] data = new float[input.channels()];
        for (int i = 0; i < input.data().length; i++) {
            data[i / plane] += input.data()[i] / plane;
        }
        return new Value(input.channels(), 1, data);
    }

    @Override
    public Value dense(String name, Value input, int in, int out) {
        float[] weight = weights.get(name + ".weight");
        float[] data = weights.get(name + ".bias").clone();
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                data[o] += weight[o * in + i] * input.data()[i];
            }
        }
        return new Value(out, 1, data);
    }
}
