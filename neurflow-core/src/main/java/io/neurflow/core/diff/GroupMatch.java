package io.neurflow.core.diff;

import io.neurflow.api.NeuronGroup;
import java.util.Locale;

/**
 * Two groups that stand for the same.
 *
 * @param before of the first circuit
 * @param after of the second
 * @param similarity between 0 and 1, as {@link GroupAlignment} measures it
 */
public record GroupMatch(NeuronGroup before, NeuronGroup after, double similarity) {
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s = %s (%.2f)", before.name(), after.name(), similarity);
    }
}
