package io.neurflow.api;

/**
 * An image that patches were cut from.
 *
 * @param index position in {@link PatchSet#images()}
 * @param name for people to read, usually the file's name
 * @param digest SHA-256 of the image's bytes as 64 hexadecimal digits
 */
public record SourceImage(int index, String name, String digest) {}
