package io.neurflow.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/**
 * How a {@link CudaProbe} computes. An immutable value: each method returns a changed copy. By default on GPU 0, in TF32, and
 * the same numbers every time.
 */
public final class CudaSettings {
    private final ImmutableIntArray gpus;
    private final boolean tf32;
    private final boolean repeatable;

    private CudaSettings(ImmutableIntArray gpus, boolean tf32, boolean repeatable) {
        this.gpus = gpus;
        this.tf32 = tf32;
        this.repeatable = repeatable;
    }

    /**
     * GPU 0, TF32, repeatable.
     *
     * @return the default
     */
    public static CudaSettings standard() {
        return new CudaSettings(ImmutableIntArray.of(0), true, true);
    }

    /**
     * Convolutions and dense operators in single precision throughout, instead of TF32 (10 bits of mantissa in the factors,
     * sums in single precision) where the card has it.
     *
     * @return a changed copy
     */
    public CudaSettings fullSinglePrecision() {
        return new CudaSettings(gpus, false, repeatable);
    }

    /**
     * Lets cuDNN choose algorithms that may add up in another order each time, where those are faster.
     *
     * @return a changed copy
     */
    public CudaSettings anyOrder() {
        return new CudaSettings(gpus, tf32, false);
    }

    /**
     * Which cards to use: items of a pass, and targets of importance scores, are split among them.
     *
     * @param indices as {@link Gpus#list()} numbers them, at least one, each once
     * @return a changed copy
     */
    public CudaSettings onGpus(int... indices) {
        ImmutableIntArray chosen = ImmutableIntArray.copyOf(indices);
        checkArgument(
                !chosen.isEmpty() && chosen.stream().distinct().count() == chosen.length(),
                "expected one GPU or more, each once, but got %s",
                chosen);
        return new CudaSettings(chosen, tf32, repeatable);
    }

    /**
     * Which cards.
     *
     * @return their indices
     */
    public ImmutableIntArray gpus() {
        return gpus;
    }

    /**
     * Whether convolutions may use TF32.
     *
     * @return true unless {@link #fullSinglePrecision()} was asked for
     */
    public boolean isTf32() {
        return tf32;
    }

    /**
     * Whether the same call gives the same bits.
     *
     * @return true unless {@link #anyOrder()} was asked for
     */
    public boolean isRepeatable() {
        return repeatable;
    }

    @Override
    public String toString() {
        return (tf32 ? "TF32" : "FP32") + (repeatable ? "" : ", sums in any order");
    }
}
