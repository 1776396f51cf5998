package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.FloatingPoint;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An HDF5 file in memory: text attributes, groups, and arrays of real numbers. No link is followed, so that a file reaches
 * nothing outside itself, and nothing is allocated that is larger than the file.
 */
final class Hdf5 {
    /** The first bytes of every HDF5 file without a user block; Keras writes none. */
    private static final ImmutableList<Integer> SIGNATURE =
            ImmutableList.of(0x89, (int) 'H', (int) 'D', (int) 'F', 0x0d, 0x0a, 0x1a, 0x0a);

    /** How often all bytes of a file may be read: layers that are called several times share weights. */
    private static final int MOST_READS = 16;

    private final HdfFile file;
    private final long size;
    private long room;

    private Hdf5(HdfFile file, long size) {
        this.file = file;
        this.size = size;
        this.room = MOST_READS * size;
    }

    static boolean isHdf5(byte[] bytes) {
        if (bytes.length < SIGNATURE.size()) {
            return false;
        }
        for (int i = 0; i < SIGNATURE.size(); i++) {
            if ((bytes[i] & 0xff) != SIGNATURE.get(i)) {
                return false;
            }
        }
        return true;
    }

    static Hdf5 of(byte[] bytes) {
        return new Hdf5(HdfFile.fromByteBuffer(ByteBuffer.wrap(bytes)), bytes.length);
    }

    /** A group by its path, if there is one; no part of the path may be a link. */
    Optional<Group> group(String path) {
        return node(file, path).filter(Group.class::isInstance).map(Group.class::cast);
    }

    /** Names of what a group holds, in the file's order. */
    ImmutableSet<String> children(Group group) {
        return ImmutableSet.copyOf(group.getChildren().keySet());
    }

    Optional<Node> node(Group from, String path) {
        Node node = from;
        for (String part : path.split("/", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            if (!(node instanceof Group group)) {
                return Optional.empty();
            }
            Node next = group.getChildren().get(part);
            if (next == null) {
                return Optional.empty();
            }
            // Asking a link anything at all opens what it points to.
            checkArgument(!(next instanceof Link), "'%s' is a link, expected the weights themselves", path);
            node = next;
        }
        return Optional.of(node);
    }

    /** The text of an attribute. */
    Optional<String> text(Node node, String name) {
        return Optional.ofNullable(node.getAttribute(name)).map(attribute -> {
            checkSize(attribute);
            Object data = attribute.getData();
            checkArgument(data instanceof String, "attribute '%s' is no text", name);
            return (String) data;
        });
    }

    /** A list of names; Keras breaks long ones into attributes name0, name1 and so on. */
    Optional<ImmutableList<String>> texts(Node node, String name) {
        if (node.getAttribute(name) != null) {
            return Optional.of(list(node.getAttribute(name)));
        }
        if (node.getAttribute(name + "0") == null) {
            return Optional.empty();
        }
        ImmutableList.Builder<String> all = ImmutableList.builder();
        for (int i = 0; node.getAttribute(name + i) != null; i++) {
            all.addAll(list(node.getAttribute(name + i)));
        }
        return Optional.of(all.build());
    }

    private ImmutableList<String> list(Attribute attribute) {
        if (attribute.isEmpty() || attribute.getSize() == 0) {
            return ImmutableList.of();
        }
        checkSize(attribute);
        Object data = attribute.getData();
        if (data instanceof String one) {
            return ImmutableList.of(one);
        }
        // A layer without weights has an empty list, which NumPy takes for one of numbers.
        checkArgument(data instanceof String[], "attribute '%s' is no list of names", attribute.getName());
        return ImmutableList.copyOf((String[]) data);
    }

    private void checkSize(Attribute attribute) {
        checkArgument(
                attribute.getSize() >= 0 && attribute.getSize() <= size,
                "attribute '%s' declares %s values, more than the file has bytes",
                attribute.getName(),
                attribute.getSize());
    }

    /** Reads real numbers of 2, 4 or 8 bytes. */
    Array array(Node node, String source) {
        checkArgument(node instanceof Dataset, "'%s' is a group, expected weights", source);
        Dataset dataset = (Dataset) node;
        ImmutableIntArray.Builder extents = ImmutableIntArray.builder();
        long count = 1;
        for (long extent : dataset.getDimensionsAsLong()) {
            checkArgument(
                    extent >= 0 && extent <= size && count * Math.max(1, extent) <= size,
                    "'%s' declares more values than the file has bytes",
                    source);
            count *= extent;
            extents.add((int) extent);
        }
        checkArgument(
                dataset.getDataType() instanceof FloatingPoint,
                "'%s' holds %s, expected real numbers",
                source,
                dataset.getDataType().getClass().getSimpleName());
        int bytes = dataset.getDataType().getSize();
        checkArgument(
                bytes == Short.BYTES || bytes == Float.BYTES || bytes == Double.BYTES,
                "'%s' holds numbers of %s bytes, expected 2, 4 or 8",
                source,
                bytes);
        checkArgument(count * bytes <= size, "'%s' declares more bytes than the file has", source);
        room -= count * bytes;
        checkArgument(
                room >= 0,
                "its layers read %s times as many bytes of weights as the file has, expected each to have its own; save the"
                        + " model without sharing layers so often",
                MOST_READS);
        if (count == 0) {
            return new Array(source, extents.build(), new float[0]);
        }
        // Keras never compresses; what is compressed can be a thousand times as large as the file.
        checkArgument(
                dataset instanceof ContiguousDataset,
                "'%s' is stored in chunks (compressed, as a rule), expected it as Keras writes it; run h5repack -f NONE -l CONTI",
                source);
        checkArgument(!dataset.isEmpty(), "'%s' was declared, but never written", source);
        ByteBuffer data = ((ContiguousDataset) dataset).getBuffer();
        checkArgument(data.remaining() == count * bytes, "'%s' is cut short", source);
        return new Array(source, extents.build(), floats(data, (int) count, bytes));
    }

    private static float[] floats(ByteBuffer data, int count, int bytes) {
        float[] values = new float[count];
        switch (bytes) {
            case Float.BYTES -> data.asFloatBuffer().get(values);
            case Double.BYTES -> {
                for (int i = 0; i < count; i++) {
                    values[i] = (float) data.getDouble();
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    values[i] = FloatingPoint.toFloat(data.getShort());
                }
            }
        }
        return values;
    }

    Group root() {
        return file;
    }
}
