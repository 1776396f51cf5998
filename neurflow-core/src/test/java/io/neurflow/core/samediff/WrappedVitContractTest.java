package io.neurflow.core.samediff;

import com.google.common.collect.ImmutableMap;
import io.neurflow.api.ModelProbe;
import io.neurflow.testkit.ModelProbeContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A transformer, its hidden units as neurons, and heads and units of the MLP together with what goes around them. */
class WrappedVitContractTest extends ModelProbeContract {
    @TempDir
    private Path folder;

    @Override
    protected ModelProbe open() {
        return wrap(SmallVit.save(folder, 0.3)).open();
    }

    /** Layer normalisation bends near 0: see the test kit. */
    @Override
    protected int enoughSteps() {
        return 256;
    }

    static SameDiffWrap wrap(Path file) {
        return SameDiffWrap.of(file)
                .layer("embedded")
                .layer("block0", UnitAxis.last())
                .joint(
                        "heads of block1",
                        ImmutableMap.of(
                                "block1.heads", UnitAxis.of(1),
                                "block0", UnitAxis.last().inGroups(SmallVit.HEADS)))
                .joint(
                        "units of block1",
                        ImmutableMap.of("block1.gelu", UnitAxis.last(), "block1.mid", UnitAxis.last()))
                .layer("normed");
    }
}
