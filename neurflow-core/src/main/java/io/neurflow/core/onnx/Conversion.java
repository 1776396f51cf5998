package io.neurflow.core.onnx;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import io.neurflow.core.graph.NetworkGraph;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One import: finds input and output, and converts the nodes between them. */
final class Conversion {
    private static final System.Logger LOG = System.getLogger(Conversion.class.getName());
    private static final long OLDEST = 7;
    private static final long NEWEST = 22;
    private static final int LARGEST = 1 << 15;

    private final String file;
    private final Proto.Graph graph;
    private final long opset;
    private final Optional<Shape> asked;
    private final ExternalFiles files;
    private final Tensors tensors;
    private final Folding folding;
    private final Map<String, Proto.Tensor> initializers = new HashMap<>();
    private final Map<String, Constant> constants = new HashMap<>();

    Conversion(String file, Proto.Model model, Optional<Shape> asked, ExternalFiles files) {
        this.file = file;
        this.graph = model.graph();
        this.asked = asked;
        this.files = files;
        this.tensors = new Tensors(files);
        this.folding = new Folding(tensors);
        this.opset = model.opsets().getOrDefault("", 0L);
        if (opset < OLDEST || opset > NEWEST) {
            throw new NeurflowException(file + " uses operator set " + opset + ", expected " + OLDEST + " to " + NEWEST
                    + "; export the model again with one of these");
        }
        if (graph.sparse()) {
            throw new NeurflowException(
                    file + " has sparse weights, expected dense ones; export the model again without them");
        }
        for (Proto.Tensor tensor : graph.initializers()) {
            initializers.put(tensor.name(), tensor);
        }
    }

    NetworkGraph run() {
        Proto.Value input = input();
        String digest = digest();
        for (Proto.Value output : graph.outputs()) {
            if (output.dims().isPresent() && !isScores(output.dims().get())) {
                continue;
            }
            NetworkGraph.Builder builder = NetworkGraph.builder(file, digest, shape(input));
            Value value = convert(input, output, builder);
            if (!(value instanceof Value.Computed computed) || computed.index() == NetworkGraph.INPUT) {
                continue;
            }
            ImmutableIntArray dims = builder.dimensions(computed.index());
            if (dims.length() > 0 && Constant.size(dims) == dims.get(0)) {
                if (graph.outputs().size() > 1) {
                    LOG.log(
                            System.Logger.Level.INFO,
                            "{0} has {1} outputs; taken as class scores: ''{2}''",
                            file,
                            graph.outputs().size(),
                            output.name());
                }
                note(builder, input, output);
                return builder.build(computed.index());
            }
        }
        throw new NeurflowException(file + " has outputs "
                + graph.outputs().stream().map(Conversion::described).toList()
                + ", expected one with a score per class; export the classifier, not its parts");
    }

    /** An output's name and the dimensions that the file declares, if it does. */
    private static String described(Proto.Value output) {
        return output.name()
                + output.dims()
                        .map(dims -> dims.stream()
                                .mapToObj(d -> d < 0 ? "?" : Long.toString(d))
                                .collect(Collectors.joining(" x ", " (", ")")))
                        .orElse("");
    }

    private void note(NetworkGraph.Builder builder, Proto.Value input, Proto.Value taken) {
        if (graph.outputs().size() > 1) {
            builder.note("of " + graph.outputs().size() + " outputs '" + taken.name()
                    + "' is taken as class scores; left out: "
                    + graph.outputs().stream()
                            .map(Proto.Value::name)
                            .filter(name -> !name.equals(taken.name()))
                            .toList());
        }
        ImmutableLongArray dims = input.dims().orElse(ImmutableLongArray.of());
        if (dims.isEmpty() || dims.subArray(1, dims.length()).contains(-1)) {
            builder.note("the file leaves the size of the images open; it was asked for as " + asked.orElseThrow());
        }
    }

    private String digest() {
        for (Proto.Tensor tensor : graph.initializers()) {
            try {
                files.digest(tensor);
            } catch (IllegalArgumentException | UncheckedIOException e) {
                throw new NeurflowException(file + ": " + e.getMessage(), e);
            }
        }
        return files.digest();
    }

    private static boolean isScores(ImmutableLongArray dims) {
        if (dims.length() < 2) {
            return false;
        }
        return dims.subArray(2, dims.length()).stream().allMatch(extent -> extent == 1 || extent == -1);
    }

    private Proto.Value input() {
        ImmutableList<Proto.Value> inputs = graph.inputs().stream()
                .filter(value -> !initializers.containsKey(value.name()))
                .collect(ImmutableList.toImmutableList());
        if (inputs.size() != 1) {
            throw new NeurflowException(file + " has inputs "
                    + inputs.stream().map(Proto.Value::name).toList()
                    + ", expected one, the images; export the model with its image input alone");
        }
        Proto.Value input = inputs.get(0);
        long type = input.type();
        if (type != Proto.FLOAT && type != Proto.DOUBLE && type != Proto.FLOAT16 && type != Proto.BFLOAT16) {
            // Whole numbers of 32 or 64 bits are words or indices, not pixels.
            boolean words = type == 6 || type == 7;
            throw new NeurflowException(file + ": input '" + input.name() + "' has element type " + type
                    + ", expected real numbers (1, 10, 11 or 16); "
                    + (words
                            ? "only classifiers of images can be read"
                            : "export the model without preprocessing of bytes"));
        }
        return input;
    }

    private Shape shape(Proto.Value input) {
        ImmutableLongArray dims = input.dims().orElse(ImmutableLongArray.of(-1, -1, -1, -1));
        if (dims.length() != 4) {
            throw new NeurflowException(file + ": input '" + input.name() + "' has " + dims.length()
                    + " axes, expected 4: images, channels, rows, columns");
        }
        int[] extents = new int[3];
        for (int i = 0; i < 3; i++) {
            long declared = dims.get(i + 1);
            long wanted = asked.isEmpty()
                    ? declared
                    : List.of(
                                    asked.get().channels(),
                                    asked.get().height(),
                                    asked.get().width())
                            .get(i);
            if (declared == -1 && wanted == -1) {
                throw new NeurflowException(file + ": input '" + input.name()
                        + "' leaves channels, rows or columns open; say them: OnnxImporter.read(file, new Shape(3, 224,"
                        + " 224))");
            }
            if (declared != -1 && declared != wanted) {
                throw new NeurflowException(file + ": input '" + input.name() + "' has dimensions " + dims
                        + ", but images of " + asked.orElseThrow() + " were asked for; leave the shape away");
            }
            if (wanted > LARGEST) {
                throw new NeurflowException(file + ": input '" + input.name() + "' has dimensions " + dims
                        + ", expected at most " + LARGEST + " channels, rows and columns");
            }
            extents[i] = (int) wanted;
        }
        long size = (long) extents[0] * extents[1] * extents[2];
        if (size > NetworkGraph.LARGEST_VALUE) {
            throw new NeurflowException(
                    file + ": input '" + input.name() + "' has " + size + " values, expected at most "
                            + NetworkGraph.LARGEST_VALUE + "; export the model for smaller images");
        }
        return new Shape(extents[0], extents[1], extents[2]);
    }

    private Value convert(Proto.Value input, Proto.Value output, NetworkGraph.Builder builder) {
        Optional<Integer> batch = input.dims()
                .filter(dims -> dims.get(0) > 0 && dims.get(0) <= Integer.MAX_VALUE)
                .map(dims -> (int) dims.get(0));
        Operators operators = new Operators(new GraphWriter(builder, new Modules(graph.nodes())), batch);
        Map<String, Value> values = new HashMap<>(constants);
        values.put(input.name(), new Value.Computed(NetworkGraph.INPUT));
        for (Proto.Node proto : needed(output.name())) {
            try {
                convert(proto, operators, values);
            } catch (IllegalArgumentException | ArithmeticException | UncheckedIOException e) {
                throw new NeurflowException(
                        file + ": " + proto.op() + " node '" + label(proto) + "': " + e.getMessage(), e);
            } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
                throw new NeurflowException(
                        file + ": " + proto.op() + " node '" + label(proto)
                                + "': its inputs do not have the dimensions that the operator needs; export the model again",
                        e);
            }
        }
        Value value = values.get(output.name());
        if (value == null) {
            throw new NeurflowException(
                    file + ": no node makes the output '" + output.name() + "'; export the model again");
        }
        return value;
    }

    /** Nodes have names at the exporter's whim; then the value that they make tells them apart. */
    private static String label(Proto.Node node) {
        return !node.name().isEmpty() || node.outputs().isEmpty()
                ? node.name()
                : node.outputs().get(0);
    }

    private void convert(Proto.Node proto, Operators operators, Map<String, Value> values) {
        List<Optional<Value>> inputs = new ArrayList<>();
        boolean known = true;
        for (String name : proto.inputs()) {
            Optional<Value> value = name.isEmpty() ? Optional.empty() : Optional.of(value(name, values));
            known &= value.isEmpty() || value.get() instanceof Constant;
            inputs.add(value);
        }
        if (!proto.domain().isEmpty()) {
            throw new IllegalArgumentException("operators of domain '" + proto.domain()
                    + "' are not known; export the model with standard ONNX operators");
        }
        OnnxNode node = new OnnxNode(proto, opset, inputs);
        List<Value> made = known ? List.of(folding.fold(node)) : operators.convert(node);
        node.finish();
        for (int i = 0; i < made.size(); i++) {
            values.put(proto.outputs().get(i), made.get(i));
        }
    }

    private Value value(String name, Map<String, Value> values) {
        Value value = values.get(name);
        if (value == null) {
            Proto.Tensor tensor = initializers.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException(
                        "nothing before it makes its input '" + name + "'; export the model again");
            }
            Constant constant = tensors.read(tensor);
            constants.put(name, constant);
            value = constant;
            values.put(name, value);
        }
        return value;
    }

    /** The nodes that an output needs, in the order of the file. */
    private List<Proto.Node> needed(String output) {
        Set<String> wanted = new HashSet<>(Set.of(output));
        List<Proto.Node> nodes = new ArrayList<>();
        for (Proto.Node node : graph.nodes().reverse()) {
            if (node.outputs().stream().anyMatch(name -> !name.isEmpty() && wanted.contains(name))) {
                wanted.addAll(node.inputs());
                nodes.add(node);
            }
        }
        return Lists.reverse(nodes);
    }
}
