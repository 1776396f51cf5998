package io.neurflow.core.experiment;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.PatchSet;
import io.neurflow.api.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Feature maps in batches. */
final class Maps {
    private Maps() {}

    static Tensor of(ModelProbe probe, Layer layer, PatchSet patches) {
        return of(
                probe,
                layer,
                patches,
                ImmutableIntArray.copyOf(IntStream.range(0, patches.patches().size())));
    }

    static Tensor of(ModelProbe probe, Layer layer, PatchSet patches, ImmutableIntArray which) {
        List<Tensor> parts = new ArrayList<>();
        int batch = Math.max(1, probe.preferredBatch());
        for (int start = 0; start < which.length(); start += batch) {
            ImmutableIntArray items = which.subArray(start, Math.min(which.length(), start + batch));
            parts.add(probe.forward(patches.inputs(items), layer));
        }
        return Tensor.concat(parts);
    }
}
