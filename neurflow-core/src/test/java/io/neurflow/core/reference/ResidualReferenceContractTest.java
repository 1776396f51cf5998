package io.neurflow.core.reference;

import io.neurflow.api.ModelProbe;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.testkit.ModelProbeContract;

class ResidualReferenceContractTest extends ModelProbeContract {
    @Override
    protected ModelProbe open() {
        return ReferenceProbe.open(SmallGraphs.residual());
    }
}
