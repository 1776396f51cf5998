package io.neurflow.examples.embedded;

/**
 * The embedded network, said once and built by whoever needs it: for training in SameDiff, for writing as ONNX, for running in
 * plain Java. Five blocks, with the two patterns by which larger networks go beyond a chain:
 *
 * <pre>
 * input   3 x 64 x 64
 * stem   16 x 32 x 32   3x3 convolution with stride 2, ReLU
 * block1 24 x 16 x 16   3x3 convolution with stride 2, ReLU
 * block2 32 x 16 x 16   two branches, concatenated: 3x3 (20 channels); 1x1 and 3x3 (12 channels)
 * block3 40 x  8 x  8   3x3 convolution with stride 2, ReLU; a residual 3x3 convolution added to it, ReLU
 * fc      6             mean over all positions, dense
 * </pre>
 */
final class Architecture {
    private Architecture() {}

    /**
     * What a network is built with. Names are paths of modules, such as {@code block2/branch1}.
     *
     * @param <V> a value in the network
     */
    interface Builder<V> {
        /** A convolution with bias and padding (kernel - 1) / 2 on each side. */
        V conv(String name, V input, int in, int out, int kernel, int stride);

        /** max(x, 0). */
        V relu(String name, V input);

        /** The sum of two values. */
        V add(String name, V first, V second);

        /** Two values one after the other along the channels. */
        V concat(String name, V first, V second);

        /** The mean over all positions, flat. */
        V mean(String name, V input);

        /** W x + b. */
        V dense(String name, V input, int in, int out);
    }

    /** Builds the network on an input and returns its logits. */
    static <V> V build(Builder<V> net, V input) {
        V stem = convRelu(net, "stem", input, 3, 16, 3, 2);
        V block1 = convRelu(net, "block1", stem, 16, 24, 3, 2);
        V wide = convRelu(net, "block2/branch1", block1, 24, 20, 3, 1);
        V thin = convRelu(net, "block2/branch2/reduce", block1, 24, 12, 1, 1);
        V narrow = convRelu(net, "block2/branch2", thin, 12, 12, 3, 1);
        V block2 = net.concat("block2", wide, narrow);
        V down = convRelu(net, "block3/down", block2, 32, 40, 3, 2);
        V residual = net.conv("block3/residual", down, 40, 40, 3, 1);
        V block3 = net.relu("block3", net.add("block3", down, residual));
        return net.dense("fc", net.mean("pool", block3), 40, Thing.values().length);
    }

    private static <V> V convRelu(Builder<V> net, String name, V input, int in, int out, int kernel, int stride) {
        return net.relu(name, net.conv(name, input, in, out, kernel, stride));
    }
}
