package io.neurflow.core.samediff;

/** Something that holds memory outside the Java heap, and lets go of it without complaint. */
interface Closing extends AutoCloseable {
    @Override
    void close();
}
