package io.neurflow.core.image;

import java.util.Arrays;

/**
 * Bilinear resizing of bytes with antialiasing, bit for bit as Pillow does it (which torchvision's Resize calls): a triangle
 * filter, widened by the scale when shrinking, with weights normalised and rounded to 22 fractional bits; first along the
 * rows, then down the columns, with rounding to a byte after each; a direction that keeps its extent is skipped. Only the
 * part that is asked for is computed, so that a panorama costs no more than what is kept of it.
 */
final class ByteResize {
    /** 32 bits less 8 for the byte and 2 to spare: sums of weights times bytes fit an int. */
    private static final int BITS = 22;

    private ByteResize() {}

    /** What Resize(resize) and CenterCrop(side) of torchvision give; black where the picture is smaller than the crop. */
    static Pixels crop(Pixels picture, int resize, int side) {
        int width = picture.width <= picture.height ? resize : longSide(resize, picture.width, picture.height);
        int height = picture.height <= picture.width ? resize : longSide(resize, picture.height, picture.width);
        // Padding comes before cropping, the smaller half first; what fits already is cropped with halves to even.
        int padLeft = Math.max(0, (side - width) / 2);
        int padTop = Math.max(0, (side - height) / 2);
        int left = (int) Math.rint(Math.max(0, width - side) / 2.0);
        int top = (int) Math.rint(Math.max(0, height - side) / 2.0);
        int columns = Math.min(side, width);
        int rows = Math.min(side, height);
        Pixels inside = part(picture, width, height, left, top, columns, rows);
        if (columns == side && rows == side) {
            return inside;
        }
        byte[] padded = new byte[side * side * 3];
        for (int y = 0; y < rows; y++) {
            System.arraycopy(inside.rgb, y * columns * 3, padded, ((padTop + y) * side + padLeft) * 3, columns * 3);
        }
        return new Pixels(side, side, padded);
    }

    static int longSide(int resize, int longer, int shorter) {
        return (int) ((double) ((long) resize * longer) / shorter);
    }

    /** The picture at another size. */
    static Pixels resize(Pixels picture, int width, int height) {
        return part(picture, width, height, 0, 0, width, height);
    }

    /** A window of the picture at another size. */
    static Pixels part(Pixels picture, int width, int height, int left, int top, int columns, int rows) {
        Weights down = new Weights(picture.height, height, top, rows);
        int firstRow = down.lowest();
        int lastRow = down.highest();
        Pixels wide =
                alongRows(picture, new Weights(picture.width, width, left, columns), firstRow, lastRow - firstRow);
        return downColumns(wide, down, firstRow);
    }

    private static Pixels alongRows(Pixels in, Weights weights, int firstRow, int rows) {
        if (weights.identity) {
            return in.window(firstRow, weights.offset, rows, weights.count());
        }
        int columns = weights.count();
        byte[] out = new byte[rows * columns * 3];
        int to = 0;
        for (int y = 0; y < rows; y++) {
            int row = (firstRow + y) * in.width * 3;
            for (int x = 0; x < columns; x++) {
                int[] weight = weights.bits[x];
                int from = row + weights.first[x] * 3;
                int r = 1 << (BITS - 1);
                int g = r;
                int b = r;
                for (int w : weight) {
                    r += w * (in.rgb[from] & 0xff);
                    g += w * (in.rgb[from + 1] & 0xff);
                    b += w * (in.rgb[from + 2] & 0xff);
                    from += 3;
                }
                out[to] = toByte(r);
                out[to + 1] = toByte(g);
                out[to + 2] = toByte(b);
                to += 3;
            }
        }
        return new Pixels(columns, rows, out);
    }

    private static Pixels downColumns(Pixels in, Weights weights, int firstRow) {
        if (weights.identity) {
            return in;
        }
        int length = in.width * 3;
        byte[] out = new byte[weights.count() * length];
        int[] sums = new int[length];
        for (int y = 0; y < weights.count(); y++) {
            Arrays.fill(sums, 1 << (BITS - 1));
            int from = (weights.first[y] - firstRow) * length;
            for (int w : weights.bits[y]) {
                for (int x = 0; x < length; x++) {
                    sums[x] += w * (in.rgb[from + x] & 0xff);
                }
                from += length;
            }
            for (int x = 0; x < length; x++) {
                out[y * length + x] = toByte(sums[x]);
            }
        }
        return new Pixels(in.width, weights.count(), out);
    }

    private static byte toByte(int sum) {
        return (byte) Math.min(sum >> BITS, 255);
    }

    /** For some consecutive positions of the result: where its source pixels begin, and their weights. */
    private static final class Weights {
        final boolean identity;
        final int offset;
        final int[] first;
        final int[][] bits;

        Weights(int in, int out, int offset, int count) {
            this.identity = in == out;
            this.offset = offset;
            this.first = new int[count];
            this.bits = new int[count][];
            double scale = (double) in / out;
            double support = Math.max(scale, 1);
            for (int i = 0; i < count; i++) {
                double centre = (offset + i + 0.5) * scale;
                first[i] = identity ? offset + i : Math.max((int) (centre - support + 0.5), 0);
                int last = identity ? first[i] + 1 : Math.min((int) (centre + support + 0.5), in);
                bits[i] = identity ? new int[] {1 << BITS} : weights(first[i], last, centre, support);
            }
        }

        private static int[] weights(int first, int last, double centre, double support) {
            double[] weights = new double[last - first];
            double total = 0;
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.max(0, 1 - Math.abs((i + first - centre + 0.5) * (1 / support)));
                total += weights[i];
            }
            int[] bits = new int[weights.length];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = (int) (0.5 + weights[i] / total * (1 << BITS));
            }
            return bits;
        }

        int count() {
            return first.length;
        }

        int lowest() {
            return first[0];
        }

        int highest() {
            return first[count() - 1] + bits[count() - 1].length;
        }
    }
}
