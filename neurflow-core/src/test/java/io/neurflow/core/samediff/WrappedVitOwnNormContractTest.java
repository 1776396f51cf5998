package io.neurflow.core.samediff;

import io.neurflow.api.ModelProbe;
import io.neurflow.testkit.ModelProbeContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The same with SameDiff's own layer normalisation, which has no epsilon. */
class WrappedVitOwnNormContractTest extends ModelProbeContract {
    @TempDir
    private Path folder;

    @Override
    protected ModelProbe open() {
        return WrappedVitContractTest.wrap(SmallVit.save(folder, 0)).open();
    }

    @Override
    protected boolean jumpsAtZero() {
        return true;
    }
}
