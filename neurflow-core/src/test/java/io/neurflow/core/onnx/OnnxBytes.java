package io.neurflow.core.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes ONNX files for tests, valid or not: a protocol buffer encoder of a few lines, and models on top of it. */
final class OnnxBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] message(Consumer<OnnxBytes> content) {
        OnnxBytes message = new OnnxBytes();
        content.accept(message);
        return message.out.toByteArray();
    }

    OnnxBytes integer(int field, long value) {
        varint(field << 3);
        varint(value);
        return this;
    }

    OnnxBytes real(int field, float value) {
        varint((field << 3) | 5);
        out.writeBytes(floats(value));
        return this;
    }

    OnnxBytes bytes(int field, byte[] value) {
        varint((field << 3) | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    OnnxBytes string(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    OnnxBytes nested(int field, Consumer<OnnxBytes> content) {
        return bytes(field, message(content));
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    static byte[] floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    // -- messages of onnx.proto ------------------------------------------------------------------------------------

    static byte[] tensor(String name, int type, byte[] raw, long... dims) {
        return message(t -> {
            for (long dim : dims) {
                t.integer(1, dim);
            }
            t.integer(2, type).string(8, name).bytes(9, raw);
        });
    }

    static byte[] tensor(String name, float[] values, long... dims) {
        return tensor(name, Proto.FLOAT, floats(values), dims);
    }

    static byte[] integers(String name, long... values) {
        return message(t -> {
            t.integer(1, values.length).integer(2, Proto.INT64).string(8, name);
            for (long value : values) {
                t.integer(7, value);
            }
        });
    }

    static byte[] scalar(String name, float value) {
        return tensor(name, new float[] {value});
    }

    static byte[] value(String name, int type, long... dims) {
        return message(v -> v.string(1, name)
                .nested(
                        2,
                        any -> any.nested(1, tensor -> tensor.integer(1, type).nested(2, shape -> {
                            for (long dim : dims) {
                                shape.nested(1, d -> {
                                    if (dim >= 0) {
                                        d.integer(1, dim);
                                    } else {
                                        d.string(2, "batch");
                                    }
                                });
                            }
                        }))));
    }

    /** A model under construction. */
    static final class Model {
        private final OnnxBytes graph = new OnnxBytes();
        private int nodes;

        Model input(long... dims) {
            graph.bytes(11, value("input", Proto.FLOAT, dims));
            return this;
        }

        Model graph(int field, byte[] content) {
            graph.bytes(field, content);
            return this;
        }

        Model initializer(byte[] tensor) {
            return graph(5, tensor);
        }

        Model initializer(String name, float[] values, long... dims) {
            return initializer(tensor(name, values, dims));
        }

        Model output(String name, long... dims) {
            return graph(12, value(name, Proto.FLOAT, dims));
        }

        Model output(String name) {
            return graph(12, message(v -> v.string(1, name)));
        }

        /** A node n0, n1 ... that reads names apart by blanks ("-" for none) and makes others. */
        @SafeVarargs
        final Model node(String op, String inputs, String outputs, Consumer<OnnxBytes>... attributes) {
            return named("n" + nodes++, op, inputs, outputs, attributes);
        }

        @SafeVarargs
        final Model named(String name, String op, String inputs, String outputs, Consumer<OnnxBytes>... attributes) {
            graph.nested(1, node -> {
                for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ", -1)) {
                    node.string(1, input.equals("-") ? "" : input);
                }
                for (String output : outputs.split(" ", -1)) {
                    node.string(2, output);
                }
                node.string(3, name).string(4, op);
                for (Consumer<OnnxBytes> attribute : attributes) {
                    node.nested(5, attribute);
                }
            });
            return this;
        }

        byte[] bytes(int opset) {
            byte[] content = graph.out.toByteArray();
            return message(m -> m.integer(1, 7).bytes(7, content).nested(8, o -> o.string(1, "")
                    .integer(2, opset)));
        }
    }

    static Consumer<OnnxBytes> ints(String name, long... values) {
        return a -> {
            a.string(1, name).integer(20, 7);
            for (long value : values) {
                a.integer(8, value);
            }
        };
    }

    static Consumer<OnnxBytes> attribute(String name, long value) {
        return a -> a.string(1, name).integer(3, value).integer(20, 2);
    }

    static Consumer<OnnxBytes> attribute(String name, float value) {
        return a -> a.string(1, name).real(2, value).integer(20, 1);
    }

    static Consumer<OnnxBytes> attribute(String name, String value) {
        return a -> a.string(1, name).string(4, value).integer(20, 3);
    }

    static Consumer<OnnxBytes> attribute(String name, byte[] tensor) {
        return a -> a.string(1, name).bytes(5, tensor).integer(20, 4);
    }
}
