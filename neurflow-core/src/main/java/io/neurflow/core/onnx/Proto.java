package io.neurflow.core.onnx;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The messages of onnx.proto that a classifier needs, as they stand in the file; all else is skipped. */
final class Proto {
    /** Codes of TensorProto.DataType. */
    static final int FLOAT = 1;

    static final int UINT8 = 2;
    static final int INT8 = 3;
    static final int UINT16 = 4;
    static final int INT16 = 5;
    static final int INT32 = 6;
    static final int INT64 = 7;
    static final int BOOL = 9;
    static final int FLOAT16 = 10;
    static final int DOUBLE = 11;
    static final int UINT32 = 12;
    static final int UINT64 = 13;
    static final int BFLOAT16 = 16;

    /** No classifier comes near any of these. */
    private static final int MOST_NODES = 1 << 14;

    private static final int MOST_TENSORS = 1 << 16;
    private static final int MOST_OUTPUTS = 64;
    private static final int MOST_VALUES = 1 << 12;
    private static final int MOST_ATTRIBUTES = 64;
    private static final int MOST_ENTRIES = 64;
    private static final int LONGEST_ENTRY = 1 << 20;

    private Proto() {}

    record Model(ImmutableMap<String, Long> opsets, Graph graph) {
        static Model parse(String file, byte[] bytes) {
            Wire in = new Wire(file, bytes);
            Map<String, Long> opsets = new LinkedHashMap<>();
            Optional<Graph> graph = Optional.empty();
            while (in.next()) {
                switch (in.field()) {
                    case 7 -> graph = Optional.of(Graph.parse(in.message()));
                    case 8 -> opset(in.message(), opsets);
                    default -> in.skip();
                }
            }
            if (graph.isEmpty() || opsets.isEmpty()) {
                throw in.malformed(
                        "it holds no " + (graph.isEmpty() ? "graph" : "opset_import"), "a graph and its operator set");
            }
            return new Model(ImmutableMap.copyOf(opsets), graph.get());
        }

        private static void opset(Wire in, Map<String, Long> opsets) {
            String domain = "";
            long version = 0;
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> domain = in.string();
                    case 2 -> version = in.integer();
                    default -> in.skip();
                }
            }
            opsets.put(domain.equals("ai.onnx") ? "" : domain, version);
        }
    }

    record Graph(
            ImmutableList<Node> nodes,
            ImmutableList<Tensor> initializers,
            ImmutableList<Value> inputs,
            ImmutableList<Value> outputs,
            boolean sparse) {
        static Graph parse(Wire in) {
            ImmutableList.Builder<Node> nodes = ImmutableList.builder();
            ImmutableList.Builder<Tensor> initializers = ImmutableList.builder();
            ImmutableList.Builder<Value> inputs = ImmutableList.builder();
            ImmutableList.Builder<Value> outputs = ImmutableList.builder();
            boolean sparse = false;
            int[] counts = new int[13];
            while (in.next()) {
                if (in.field() < counts.length) {
                    in.atMost(++counts[in.field()], most(in.field()), "parts of one kind (field " + in.field() + ")");
                }
                switch (in.field()) {
                    case 1 -> nodes.add(Node.parse(in.message()));
                    case 5 -> initializers.add(Tensor.parse(in.message()));
                    case 11 -> inputs.add(Value.parse(in.message()));
                    case 12 -> outputs.add(Value.parse(in.message()));
                    case 15 -> {
                        sparse = true;
                        in.skip();
                    }
                    default -> in.skip();
                }
            }
            return new Graph(nodes.build(), initializers.build(), inputs.build(), outputs.build(), sparse);
        }

        private static int most(int field) {
            return switch (field) {
                case 1 -> MOST_NODES;
                case 12 -> MOST_OUTPUTS;
                case 5, 11 -> MOST_TENSORS;
                default -> Integer.MAX_VALUE;
            };
        }
    }

    record Node(
            String name,
            String op,
            String domain,
            ImmutableList<String> inputs,
            ImmutableList<String> outputs,
            ImmutableMap<String, Attribute> attributes,
            ImmutableMap<String, String> metadata) {
        static Node parse(Wire in) {
            String name = "";
            String op = "";
            String domain = "";
            ImmutableList.Builder<String> inputs = ImmutableList.builder();
            ImmutableList.Builder<String> outputs = ImmutableList.builder();
            Map<String, Attribute> attributes = new LinkedHashMap<>();
            Map<String, String> metadata = new LinkedHashMap<>();
            int values = 0;
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> {
                        in.atMost(++values, MOST_VALUES, "values at one node");
                        inputs.add(in.string());
                    }
                    case 2 -> {
                        in.atMost(++values, MOST_VALUES, "values at one node");
                        outputs.add(in.string());
                    }
                    case 3 -> name = in.string();
                    case 4 -> op = in.string();
                    case 5 -> {
                        Attribute attribute = Attribute.parse(in.message());
                        attributes.put(attribute.name(), attribute);
                        in.atMost(attributes.size(), MOST_ATTRIBUTES, "attributes at one node");
                    }
                    case 7 -> domain = in.string();
                    case 9 -> entry(in.message(), metadata);
                    default -> in.skip();
                }
            }
            return new Node(
                    name,
                    op,
                    domain.equals("ai.onnx") ? "" : domain,
                    inputs.build(),
                    outputs.build(),
                    ImmutableMap.copyOf(attributes),
                    ImmutableMap.copyOf(metadata));
        }
    }

    record Attribute(
            String name,
            long type,
            float real,
            long integer,
            String string,
            Optional<Tensor> tensor,
            ByteBuffer reals,
            ImmutableLongArray integers) {
        static final int REAL = 1;
        static final int INTEGER = 2;
        static final int STRING = 3;
        static final int TENSOR = 4;
        static final int REALS = 6;
        static final int INTEGERS = 7;

        static Attribute parse(Wire in) {
            String name = "";
            long type = 0;
            float real = 0;
            long integer = 0;
            String string = "";
            Optional<Tensor> tensor = Optional.empty();
            ByteArrayOutputStream reals = new ByteArrayOutputStream(0);
            ImmutableLongArray.Builder integers = ImmutableLongArray.builder();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> name = in.string();
                    case 2 -> real = in.real();
                    case 3 -> integer = in.integer();
                    case 4 -> string = in.string();
                    case 5 -> tensor = Optional.of(Tensor.parse(in.message()));
                    case 7 -> in.fixed(reals, 4);
                    case 8 -> in.integers(integers);
                    case 20 -> type = in.integer();
                    default -> in.skip();
                }
            }
            return new Attribute(name, type, real, integer, string, tensor, littleEndian(reals), integers.build());
        }
    }

    /**
     * A tensor as it stands in the file.
     *
     * @param data raw_data, or the packed values of float_data or double_data, which have the same form
     * @param integers values of int32_data, int64_data or uint64_data
     * @param external entries of external_data if data_location says so
     */
    record Tensor(
            String name,
            ImmutableLongArray dims,
            int type,
            ByteBuffer data,
            ImmutableLongArray integers,
            Optional<ImmutableMap<String, String>> external) {
        static Tensor parse(Wire in) {
            String name = "";
            ImmutableLongArray.Builder dims = ImmutableLongArray.builder();
            long type = 0;
            boolean isExternal = false;
            ByteBuffer data = ByteBuffer.allocate(0);
            ByteArrayOutputStream values = new ByteArrayOutputStream(0);
            ImmutableLongArray.Builder integers = ImmutableLongArray.builder();
            Map<String, String> external = new LinkedHashMap<>();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> in.integers(dims);
                    case 2 -> type = in.integer();
                    case 4 -> in.fixed(values, 4);
                    case 5, 7, 11 -> in.integers(integers);
                    case 8 -> name = in.string();
                    case 9 -> data = in.data();
                    case 10 -> in.fixed(values, 8);
                    case 13 -> entry(in.message(), external);
                    case 14 -> isExternal = in.integer() == 1;
                    default -> in.skip();
                }
            }
            return new Tensor(
                    name,
                    dims.build(),
                    (int) Math.max(-1, Math.min(type, Integer.MAX_VALUE)),
                    values.size() > 0 ? littleEndian(values) : data,
                    integers.build(),
                    isExternal ? Optional.of(ImmutableMap.copyOf(external)) : Optional.empty());
        }
    }

    /**
     * A declared input or output.
     *
     * @param type code of its element type, 0 if it is no tensor
     * @param dims extents if a shape is declared, -1 for one that is not known
     */
    record Value(String name, long type, Optional<ImmutableLongArray> dims) {
        static Value parse(Wire in) {
            String name = "";
            long type = 0;
            Optional<ImmutableLongArray> dims = Optional.empty();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> name = in.string();
                    case 2 -> {
                        for (Wire any = in.message(); any.next(); ) {
                            if (any.field() != 1) {
                                any.skip();
                                continue;
                            }
                            for (Wire tensor = any.message(); tensor.next(); ) {
                                switch (tensor.field()) {
                                    case 1 -> type = tensor.integer();
                                    case 2 -> dims = Optional.of(shape(tensor.message()));
                                    default -> tensor.skip();
                                }
                            }
                        }
                    }
                    default -> in.skip();
                }
            }
            return new Value(name, type, dims);
        }

        private static ImmutableLongArray shape(Wire in) {
            ImmutableLongArray.Builder dims = ImmutableLongArray.builder();
            while (in.next()) {
                if (in.field() != 1) {
                    in.skip();
                    continue;
                }
                long extent = -1;
                for (Wire dim = in.message(); dim.next(); ) {
                    if (dim.field() == 1) {
                        extent = dim.integer();
                    } else {
                        dim.skip();
                    }
                }
                // Exporters write 0 as well as nothing for an extent that is not known.
                dims.add(extent > 0 ? extent : -1);
            }
            return dims.build();
        }
    }

    private static void entry(Wire in, Map<String, String> entries) {
        String key = "";
        String value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = in.string(LONGEST_ENTRY);
                default -> in.skip();
            }
        }
        entries.put(key, value);
        in.atMost(entries.size(), MOST_ENTRIES, "entries in one table");
    }

    private static ByteBuffer littleEndian(ByteArrayOutputStream bytes) {
        return ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }
}
