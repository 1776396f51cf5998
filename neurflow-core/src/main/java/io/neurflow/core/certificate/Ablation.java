package io.neurflow.core.certificate;

/** What channels outside a circuit are set to. */
public enum Ablation {
    /** 0 at every position, the knock-out of Definition 2. */
    ZERO,
    /** The mean over the held-out patches, at every position. */
    MEAN,
    /** What the same channel is for another held-out patch, drawn once for each run of the certificate. */
    RESAMPLE
}
