package io.neurflow.core.samediff;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.graph.Op;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Windows with gaps, laid side by side without gaps: the engine's dilated operators fail or ignore the dilation. Row r of the
 * output reads rows r strideY + ky dilationY of the input; those rows are copied out, window after window, so that a window
 * without dilation and with its own size as stride does the rest.
 */
final class Undilated {
    private final Sheet sheet;
    private final Op.Window k;
    private final ImmutableIntArray in;
    private final int[] rows;
    private final int[] columns;

    /** Takes the window and the dimensions of its input, padding included, and output. */
    Undilated(Sheet sheet, Op.Window k, ImmutableIntArray in, ImmutableIntArray out) {
        this.sheet = sheet;
        this.k = k;
        this.in = in;
        this.rows = places(out.get(1), k.height(), k.strideY(), k.dilationY());
        this.columns = places(out.get(2), k.width(), k.strideX(), k.dilationX());
    }

    static boolean isDilated(Op.Window k) {
        return k.dilationY() > 1 || k.dilationX() > 1;
    }

    /** The window that is left to do. */
    Op.Window window() {
        return new Op.Window(k.height(), k.width(), k.height(), k.width(), 1, 1, Op.Padding.NONE, false);
    }

    ImmutableIntArray dimensions() {
        return ImmutableIntArray.of(in.get(0), rows.length, columns.length);
    }

    SDVariable spread(SDVariable x) {
        return sheet.sd.gather(sheet.sd.gather(x, rows, 2), columns, 3);
    }

    /** Each copy's gradient goes back to where it came from: products with matrices of zeros and ones. */
    SDVariable gathered(SDVariable g) {
        SDVariable wide = times(g, columns, in.get(2), rows.length);
        SDVariable turned = times(sheet.sd.permute(wide, 0, 1, 3, 2), rows, in.get(1), in.get(2));
        return sheet.sd.permute(turned, 0, 1, 3, 2);
    }

    private SDVariable times(SDVariable g, int[] places, int extent, int other) {
        float[] ones = new float[places.length * extent];
        for (int i = 0; i < places.length; i++) {
            ones[i * extent + places[i]] = 1;
        }
        SDVariable flat = sheet.sd.reshape(g, -1, places.length);
        SDVariable product = sheet.sd.mmul(flat, sheet.constant(() -> Sheet.array(ones, places.length, extent)));
        return sheet.sd.reshape(product, -1, in.get(0), other, extent);
    }

    private static int[] places(int out, int size, int stride, int dilation) {
        int[] places = new int[out * size];
        for (int i = 0; i < places.length; i++) {
            places[i] = i / size * stride + i % size * dilation;
        }
        return places;
    }
}
