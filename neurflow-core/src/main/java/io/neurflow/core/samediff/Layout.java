package io.neurflow.core.samediff;

/** The order of the axes of a batch of maps. */
enum Layout {
    /** [n, channels, rows, columns], as in network graphs and tensors. */
    CHANNELS_FIRST("NCHW", 1, 2),
    /** [n, rows, columns, channels]: the engine's 1x1 convolutions of large maps are several times as fast this way. */
    CHANNELS_LAST("NHWC", 3, 1);

    /** The engine's name for it. */
    final String format;

    final int channels;
    /** The columns come next. */
    final int rows;

    Layout(String format, int channels, int rows) {
        this.format = format;
        this.channels = channels;
        this.rows = rows;
    }

    /** A shape that is 1 but for one value for each channel. */
    long[] perChannel(int count) {
        long[] shape = {1, 1, 1, 1};
        shape[channels] = count;
        return shape;
    }

    /** A shape that is 1 but for one value for each position. */
    long[] perPosition(int height, int width) {
        long[] shape = {1, 1, 1, 1};
        shape[rows] = height;
        shape[rows + 1] = width;
        return shape;
    }
}
