package io.neurflow.core.samediff;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.serde.FlatBuffersMapper;
import org.nd4j.graph.FlatArray;
import org.nd4j.graph.FlatGraph;
import org.nd4j.graph.FlatNode;
import org.nd4j.graph.FlatProperties;
import org.nd4j.graph.FlatVariable;

/** Reads SameDiff's files. What they say of their arrays is checked first: the engine takes their word for it. */
final class StoredGraph {
    private static final int MOST_AXES = 32;

    private StoredGraph() {}

    static byte[] bytes(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new NeurflowException("there is no file '" + file + "', expected a SameDiff graph; check the path");
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new NeurflowException(
                    "'" + file + "' cannot be read: " + e.getMessage() + "; check its permissions", e);
        } catch (OutOfMemoryError e) {
            throw new NeurflowException("'" + file + "' does not fit into memory; give Java more with -Xmx", e);
        }
    }

    /** A graph whose arrays belong to the caller. */
    static SameDiff parse(String name, byte[] bytes) {
        if (bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K') {
            throw new NeurflowException(name + " is a zip archive, expected a graph that SameDiff.save wrote;"
                    + " unpack it, or name the .fb file in it");
        }
        try {
            check(FlatGraph.getRootAsFlatGraph(ByteBuffer.wrap(bytes)), bytes.length);
            return SameDiff.fromFlatBuffers(ByteBuffer.wrap(bytes), false);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw broken(name, e);
        }
    }

    static NeurflowException broken(String name, Throwable e) {
        return new NeurflowException(
                name + " is not a SameDiff graph that can be read: " + message(e)
                        + "; save it again with SameDiff.save",
                e);
    }

    /** Whether bytes look like a SameDiff graph: tables where they should be, variables and operators with names. */
    static boolean looksLikeOne(byte[] bytes) {
        if (bytes.length < 32) {
            return false;
        }
        try {
            FlatGraph graph = FlatGraph.getRootAsFlatGraph(ByteBuffer.wrap(bytes));
            int variables = graph.variablesLength();
            int nodes = graph.nodesLength();
            return variables > 0
                    && nodes > 0
                    && variables < bytes.length
                    && nodes < bytes.length
                    && graph.variables(0).name() != null
                    && graph.nodes(0).opName() != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static String message(Throwable e) {
        String text = e.getMessage();
        return e.getClass().getSimpleName() + (text == null ? "" : " (" + text.replaceAll("\\s*\\R\\s*", " ") + ")");
    }

    private static void check(FlatGraph graph, int length) {
        if (graph.variablesLength() > length || graph.nodesLength() > length || graph.nodesLength() == 0) {
            throw new IllegalArgumentException("it has no operators");
        }
        long entries = 0;
        long values = 0;
        for (int i = 0; i < graph.variablesLength(); i++) {
            FlatVariable variable = graph.variables(i);
            if (variable.variabletype() < 0 || variable.variabletype() >= VariableType.values().length) {
                throw new IllegalArgumentException("a variable of an unknown kind");
            }
            if (variable.name() == null) {
                throw new IllegalArgumentException("a variable without a name");
            }
            entries += variable.shapeLength();
            values += check(variable.ndarray());
        }
        for (int i = 0; i < graph.nodesLength(); i++) {
            FlatNode node = graph.nodes(i);
            entries += entries(node);
            checkTotal(entries, length);
            values += check(node.scalar());
            for (int p = 0; p < node.propertiesLength(); p++) {
                FlatProperties properties = node.properties(p);
                entries += (long) properties.iLength()
                        + properties.lLength()
                        + properties.dLength()
                        + properties.aLength()
                        + properties.bLength()
                        + properties.sLength()
                        + properties.shapeLength();
                checkTotal(entries, length);
                for (int a = 0; a < properties.aLength(); a++) {
                    values += check(properties.a(a));
                }
            }
        }
        checkTotal(values, length);
    }

    private static long entries(FlatNode node) {
        return (long) node.propertiesLength()
                + node.inputLength()
                + node.inputPairedLength()
                + node.outputLength()
                + node.outputNamesLength()
                + node.outputTypesLength()
                + node.extraParamsLength()
                + node.extraIntegerLength()
                + node.extraBoolsLength()
                + node.extraTypesLength()
                + node.extraStringsLength()
                + node.dimensionsLength()
                + node.controlDepsLength()
                + node.varControlDepsLength()
                + node.controlDepForLength();
    }

    /** Tables may point to the same bytes, so that a small file holds much. */
    private static void checkTotal(long total, int length) {
        if (total > length) {
            throw new IllegalArgumentException("its parts are " + total + " in " + length + " bytes");
        }
    }

    /** The bytes of an array. */
    private static long check(@Nullable FlatArray array) {
        if (array == null || array.shapeLength() == 0) {
            return 0;
        }
        long rank = array.shape(0);
        // rank, extents, strides, flags, element-wise stride, order
        if (rank < 0 || rank > MOST_AXES || array.shapeLength() < 2 * rank + 4) {
            throw new IllegalArgumentException("an array with " + rank + " axes");
        }
        long length = 1;
        long reach = 1;
        for (int axis = 1; axis <= rank; axis++) {
            long extent = array.shape(axis);
            long stride = array.shape((int) rank + axis);
            if (extent < 0 || stride < 0) {
                throw new IllegalArgumentException("an array with negative extents");
            }
            length = Math.multiplyExact(length, extent);
            reach = Math.addExact(reach, Math.multiplyExact(Math.max(0, extent - 1), stride));
        }
        int width =
                Math.max(1, FlatBuffersMapper.getDataTypeFromByte(array.dtype()).width());
        if (length > 0 && (Math.multiplyExact(length, width) > array.bufferLength() || reach > length)) {
            throw new IllegalArgumentException(
                    "an array of " + length + " values in " + array.bufferLength() + " bytes");
        }
        return array.bufferLength();
    }
}
