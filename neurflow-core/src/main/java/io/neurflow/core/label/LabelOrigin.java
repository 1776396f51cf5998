package io.neurflow.core.label;

/**
 * Where an answer comes from: enough to ask again.
 *
 * @param labeler {@link ConceptLabeler#name()}
 * @param prompt all that was asked, in words; empty if nobody was asked
 * @param pictures SHA-256 of the pictures that were shown, in order, as 64 hexadecimal digits; empty if none
 * @param answer the words that came back; empty if nobody was asked
 * @param usage what the answer took when it was asked for
 * @param cached whether it was asked for in an earlier run
 */
public record LabelOrigin(String labeler, String prompt, String pictures, String answer, Usage usage, boolean cached) {
    /**
     * A label that was computed on this machine.
     *
     * @param labeler {@link ConceptLabeler#name()}
     * @return the origin
     */
    public static LabelOrigin computed(String labeler) {
        return new LabelOrigin(labeler, "", "", "", Usage.NONE, false);
    }
}
