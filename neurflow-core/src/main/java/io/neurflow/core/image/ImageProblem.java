package io.neurflow.core.image;

/**
 * A file that could not be used, and why.
 *
 * @param name the file's name
 * @param reason one line
 */
public record ImageProblem(String name, String reason) {
    @Override
    public String toString() {
        return name + ": " + reason;
    }
}
