package io.neurflow.core.label;

/**
 * A question that got no usable answer.
 *
 * @param group about which group
 * @param reason one line
 * @param usage what was asked for in vain
 */
public record LabelProblem(String group, String reason, Usage usage) {
    @Override
    public String toString() {
        return group + ": " + reason;
    }
}
