package io.neurflow.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in a temporary file, bit for bit; 4 bytes for each value of a block that holds floats alone, else 8. */
final class PooledFile implements PooledRows {
    private final TemporaryFile file;
    private final int channels;
    private final List<Block> blocks = new ArrayList<>();
    private int count;

    private record Block(int first, long place, int width) {}

    PooledFile(int channels) {
        this.channels = channels;
        this.file = new TemporaryFile("neurflow-means");
    }

    @Override
    public void add(double[][] rows) {
        boolean floats = Arrays.stream(rows)
                .flatMapToDouble(Arrays::stream)
                .allMatch(v -> Double.doubleToRawLongBits((float) v) == Double.doubleToRawLongBits(v));
        int width = floats ? Float.BYTES : Double.BYTES;
        ByteBuffer buffer = buffer(Math.multiplyExact(rows.length, channels * width));
        for (double[] row : rows) {
            for (double value : row) {
                if (floats) {
                    buffer.putFloat((float) value);
                } else {
                    buffer.putDouble(value);
                }
            }
        }
        blocks.add(new Block(count, file.append(buffer.flip()), width));
        count += rows.length;
    }

    @Override
    public double[] row(int patch) {
        Block block = block(patch);
        ByteBuffer buffer = buffer(channels * block.width);
        file.read(buffer, block.place + (long) (patch - block.first) * channels * block.width);
        buffer.flip();
        double[] row = new double[channels];
        for (int c = 0; c < channels; c++) {
            row[c] = block.width == Float.BYTES ? buffer.getFloat() : buffer.getDouble();
        }
        return row;
    }

    private Block block(int patch) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks.get(middle).first <= patch) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return blocks.get(low);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        file.close();
    }
}
