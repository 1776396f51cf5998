package io.neurflow.core.doctor;

/** How much a finding matters. */
public enum Severity {
    /** Good to know. */
    NOTE,
    /** The explanation may be of less worth, or of something else than you think. */
    WARNING,
    /** An explanation of this model would be wrong. */
    ERROR
}
