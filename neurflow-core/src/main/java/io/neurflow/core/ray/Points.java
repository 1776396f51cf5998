package io.neurflow.core.ray;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.Quadrature;

/** The nodes of a quadrature with both ends of the ray around them, which weigh nothing: where gates are looked at. */
final class Points {
    /** Ascending; the first is 0, the last 1. */
    final float[] alpha;

    final float[] weight;
    final int count;

    Points(Quadrature quadrature) {
        count = quadrature.steps() + 2;
        alpha = new float[count];
        weight = new float[count];
        alpha[count - 1] = 1;
        ImmutableDoubleArray nodes = quadrature.nodes();
        ImmutableDoubleArray weights = quadrature.weights();
        for (int n = 1; n < count - 1; n++) {
            alpha[n] = (float) nodes.get(n - 1);
            weight[n] = (float) weights.get(n - 1);
        }
    }

    /** The first point where c + alpha d is on the other side of 0 than at the start; {@code count} if it stays. */
    int change(float c, float d) {
        boolean open = c > 0;
        if (open ? d >= 0 : d <= 0) {
            return count;
        }
        int low = 1;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (c + alpha[middle] * d > 0 == open) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
