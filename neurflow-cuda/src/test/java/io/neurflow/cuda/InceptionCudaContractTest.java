package io.neurflow.cuda;

import io.neurflow.api.ModelProbe;
import io.neurflow.testkit.ModelProbeContract;
import java.util.List;

class InceptionCudaContractTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        return CudaProbe.on(SmallNets.inception(), "on the host", List.of(HostDriver.large()));
    }
}
