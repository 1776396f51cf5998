package io.neurflow.cuda;

import io.neurflow.api.ModelProbe;
import io.neurflow.testkit.ModelProbeContract;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class InceptionGpuTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        return OnGpu.open(SmallNets.inception());
    }
}
