package io.neurflow.cuda;

/** Memory of a device: so many cells of four bytes, each a float or an int. What stands behind it is the driver's. */
final class Memory {
    private final Object handle;
    private final long cells;

    Memory(Object handle, long cells) {
        this.handle = handle;
        this.cells = cells;
    }

    Object handle() {
        return handle;
    }

    long cells() {
        return cells;
    }
}
