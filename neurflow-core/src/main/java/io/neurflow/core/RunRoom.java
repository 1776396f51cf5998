package io.neurflow.core;

import io.neurflow.api.Layer;
import java.util.Collection;

/**
 * How the room for temporary files is shared out: pooled activations first, since memory grows with the images without, and
 * feature maps in what is left.
 *
 * @param rowBytes that pooled activations take at the most
 * @param rowsInFiles whether they go to files
 * @param mapBytes what feature maps may take
 */
record RunRoom(long rowBytes, boolean rowsInFiles, long mapBytes) {
    static RunRoom of(Collection<Layer> layers, int patches, long diskBytes) {
        long room = TemporaryFile.room(diskBytes);
        long rowBytes = rowBytes(layers, patches);
        return rowBytes <= room ? new RunRoom(rowBytes, true, room - rowBytes) : new RunRoom(rowBytes, false, room);
    }

    private static long rowBytes(Collection<Layer> layers, int patches) {
        return (long) patches
                * Double.BYTES
                * layers.stream().mapToLong(layer -> layer.shape().channels()).sum();
    }
}
