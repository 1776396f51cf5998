package io.neurflow.api;

/**
 * What a probe says of its model.
 *
 * @param name for people to read, usually the file's name
 * @param digest SHA-256 of the model's bytes as 64 hexadecimal digits, or whatever else identifies it
 * @param engine what computes, such as {@code SameDiff 1.0.0-M2.1, CPU}
 * @param precision floating point format of the engine
 */
public record ModelInfo(String name, String digest, String engine, Precision precision) {}
