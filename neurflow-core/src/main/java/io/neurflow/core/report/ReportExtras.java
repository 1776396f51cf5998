package io.neurflow.core.report;

import com.google.common.collect.ImmutableMap;
import io.neurflow.api.NeuronGroup;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a circuit beyond itself.
 *
 * @param labels texts by name of the group; may be empty
 * @param certificate its text, the verdict on the first line; null if there is none
 */
record ReportExtras(ImmutableMap<String, String> labels, @Nullable String certificate) {
    static final ReportExtras NONE = new ReportExtras(ImmutableMap.of(), null);

    ReportExtras withLabels(Map<String, String> texts) {
        return new ReportExtras(ImmutableMap.copyOf(texts), certificate);
    }

    ReportExtras withCertificate(String text) {
        return new ReportExtras(labels, text);
    }

    Optional<String> label(NeuronGroup group) {
        return Optional.ofNullable(labels.get(group.name())).filter(label -> !label.isBlank());
    }
}
