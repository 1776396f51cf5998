package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.NetworkGraph;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads convolutional networks from SameDiff's files (.fb, as {@code SameDiff.save} writes them): exactly, or with a
 * {@link NeurflowException} that names the file, the node, its operator and what about it cannot be imported. Both orders of
 * axes are read, channels first and channels last, also mixed; the network graph has channels first.
 *
 * <p>What was read is run once, on one random input, and held against what SameDiff itself computes: a graph whose output
 * differs by more than {@value #AGREEMENT} of its largest value is refused. Where SameDiff fails to run it (convolutions
 * with gaps, on some processors), a line in the log says that this was not done.
 *
 * <p>The graph has one placeholder of type FLOAT and four axes, and one output; a loss on top of it, with labels as a second
 * placeholder, is left out. A softmax at the end stays: the output is
 * then probabilities. What is no such network can be wrapped as it is: {@link SameDiffWrap}.
 */
public final class SameDiffImporter {
    private static final System.Logger LOG = System.getLogger(SameDiffImporter.class.getName());
    private static final double AGREEMENT = 1e-3;
    private static final int LARGEST = 1 << 15;
    private static final int FARTHEST = 1 << 16;
    private static final long SEED = 309;

    private SameDiffImporter() {}

    /**
     * Reads a network whose image size is fixed.
     *
     * @param file a .fb file
     * @return the network
     * @throws NeurflowException if the file cannot be read, or not imported exactly
     */
    public static NetworkGraph read(Path file) {
        return read(file, Optional.empty());
    }

    /**
     * Reads a network for images of one size.
     *
     * @param file a .fb file
     * @param input channels, rows and columns of the images; where the graph fixes them they must agree
     * @return the network
     * @throws NeurflowException if the file cannot be read, or not imported exactly for this size
     */
    public static NetworkGraph read(Path file, Shape input) {
        return read(file, Optional.of(input));
    }

    /**
     * Whether a file is one that SameDiff wrote, by its content.
     *
     * @param file any file
     * @return false also if it cannot be read
     */
    public static boolean recognises(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            // The first table stands near the start; what is ONNX, HDF5 or an archive need not be read whole.
            byte[] start = in.readNBytes(Integer.BYTES);
            int table = start.length < Integer.BYTES
                    ? 0
                    : ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt();
            if (table <= 0 || table > FARTHEST) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        return StoredGraph.looksLikeOne(StoredGraph.bytes(file));
    }

    private static NetworkGraph read(Path file, Optional<Shape> asked) {
        byte[] bytes = StoredGraph.bytes(file);
        String name = String.valueOf(file.getFileName());
        WrappedGraph graph = new WrappedGraph(name, StoredGraph.parse(name, bytes));
        try {
            String output = output(name, graph);
            String input = input(name, graph, output);
            long[] declared = shape(name, graph, input);
            boolean last = channelsLast(declared, asked);
            Shape images = images(name, input, declared, last, asked);
            ImmutableIntArray order = last ? ImmutableIntArray.of(1, 2, 0) : ImmutableIntArray.of(0, 1, 2);
            String digest = Hashing.sha256().hashBytes(bytes).toString();
            NetworkGraph network =
                    new Translation(name, graph, NetworkGraph.builder(name, digest, images)).run(input, order, output);
            long[] shape = declared.clone();
            shape[1] = last ? images.height() : images.channels();
            shape[2] = last ? images.width() : images.height();
            shape[3] = last ? images.channels() : images.width();
            hold(name, graph, input, shape, output, network, last);
            return network;
        } catch (NeurflowException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // Whatever a broken file does to the engine, which checks little of what it reads.
            throw StoredGraph.broken(name, e);
        } finally {
            for (SDVariable variable : graph.sameDiff().variables()) {
                VariableType type = variable.getVariableType();
                if (type == VariableType.CONSTANT || type == VariableType.VARIABLE) {
                    INDArray array = variable.getArr();
                    if (array != null && array.closeable()) {
                        array.close();
                    }
                }
            }
        }
    }

    private static String output(String name, WrappedGraph graph) {
        List<String> ends = graph.scores();
        if (ends.size() != 1) {
            throw new NeurflowException(name + " has outputs " + ends
                    + ", expected one, the class scores; save the graph without the others");
        }
        return ends.get(0);
    }

    private static String input(String name, WrappedGraph graph, String output) {
        List<String> inputs = graph.placeholders(output);
        if (inputs.size() != 1) {
            throw new NeurflowException(name + " has inputs " + inputs
                    + ", expected one, the images; save the graph with the others as constants");
        }
        DataType type = graph.variable(inputs.get(0)).getVariable().dataType();
        if (type != DataType.FLOAT) {
            throw new NeurflowException(name + ": input '" + inputs.get(0) + "' is of type " + type
                    + ", expected FLOAT; convert the graph with convertDataTypes and save it again");
        }
        return inputs.get(0);
    }

    private static long[] shape(String name, WrappedGraph graph, String input) {
        long[] shape = graph.variable(input).getVariable().placeholderShape();
        if (shape == null || shape.length != 4) {
            throw new NeurflowException(name + ": input '" + input + "' has "
                    + (shape == null ? "no shape" : "shape " + ImmutableLongArray.copyOf(shape))
                    + ", expected four axes: images, channels, rows, columns, or images, rows, columns, channels;"
                    + " wrap other graphs with SameDiffWrap");
        }
        return shape;
    }

    private static boolean channelsLast(long[] shape, Optional<Shape> asked) {
        if (asked.isPresent()
                && asked.get().channels() == shape[3]
                && asked.get().channels() != shape[1]) {
            return true;
        }
        return shape[3] > 0 && (shape[1] <= 0 || shape[3] < shape[1]);
    }

    private static Shape images(String name, String input, long[] shape, boolean last, Optional<Shape> asked) {
        long[] declared = last ? new long[] {shape[3], shape[1], shape[2]} : new long[] {shape[1], shape[2], shape[3]};
        for (int i = 0; i < 3; i++) {
            long wanted = declared[i];
            if (asked.isPresent()) {
                Shape a = asked.get();
                wanted = List.of(a.channels(), a.height(), a.width()).get(i);
            }
            if (wanted <= 0) {
                throw new NeurflowException(name + ": input '" + input
                        + "' leaves channels, rows or columns open; say them: SameDiffImporter.read(file, new Shape(3, 224,"
                        + " 224))");
            }
            if (wanted > LARGEST || (declared[i] > 0 && declared[i] != wanted)) {
                throw new NeurflowException(name + ": input '" + input + "' has shape "
                        + ImmutableLongArray.copyOf(shape) + ", but images of "
                        + asked.map(Shape::toString).orElse("that size")
                        + " cannot be read with it; leave the size away");
            }
            declared[i] = wanted;
        }
        return new Shape((int) declared[0], (int) declared[1], (int) declared[2]);
    }

    private static void hold(
            String name,
            WrappedGraph graph,
            String input,
            long[] shape,
            String output,
            NetworkGraph network,
            boolean channelsLast) {
        int batch = (int) Math.max(1, shape[0]);
        Shape image = network.input();
        float[] first = new float[image.size()];
        Random random = new Random(SEED);
        for (int i = 0; i < first.length; i++) {
            first[i] = (float) random.nextGaussian();
        }
        long[] run = shape.clone();
        run[0] = batch;
        UnitLayout layout =
                new UnitLayout(input, ImmutableLongArray.copyOf(run), channelsLast ? 3 : 1, image.channels());
        float[] engine = new float[batch * first.length];
        layout.fromLayer(first, 0, 0, first.length, engine, 1);
        int top = network.output().index();
        try (Pool pool = new Pool();
                Program theirs = new GraphCopy(graph, Map.of(input, shape.clone()), ImmutableList.of(output))
                        .forward(pool, ImmutableList.of(output));
                Closed constants = new Closed(new Constants(Set.of()));
                Program ours = Program.forward(
                        network, NetworkGraph.INPUT, ImmutableList.of(top), constants.constants(), pool)) {
            float[] expected;
            try {
                expected = theirs.call(Map.of(input, Program.Values.of(engine, run)))
                        .get(0);
            } catch (RuntimeException e) {
                // Its convolutions with gaps fail on some processors; ours do not.
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} was not held against SameDiff, which fails to run it: {1}",
                        name,
                        e.getMessage());
                return;
            }
            float[] found = new float[network.shape(top).size()];
            ours.run(List.of(first), 0, 1, List.of(found));
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < found.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(expected[i] - found[i]));
            }
            // not (difference > allowed): NaN must be refused
            if (expected.length != batch * found.length || !(difference <= AGREEMENT * largest)) {
                throw new NeurflowException(name + ": what was imported computes something else than SameDiff (a"
                        + " difference of " + difference + " where the largest output is " + largest
                        + "); wrap the graph with SameDiffWrap instead, and report it");
            }
        }
    }

    /** So that constants are closed after the programs that use them. */
    private record Closed(Constants constants) implements Closing {
        @Override
        public void close() {
            constants.close();
        }
    }
}
