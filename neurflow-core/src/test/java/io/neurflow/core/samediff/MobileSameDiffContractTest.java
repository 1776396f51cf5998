package io.neurflow.core.samediff;

import io.neurflow.api.ModelProbe;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.testkit.ModelProbeContract;

class MobileSameDiffContractTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        return SameDiffProbe.open(SmallGraphs.mobile());
    }
}
