package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.neurflow.api.NeuronGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a circuit's groups beyond the circuit itself.
 *
 * @param labels what a group stands for, by its name
 * @param formations how it forms from those below, in lines, by its name
 */
record ReportExtras(ImmutableMap<String, String> labels, ImmutableMap<String, ImmutableList<String>> formations) {
    static final ReportExtras NONE = new ReportExtras(ImmutableMap.of(), ImmutableMap.of());

    ReportExtras withLabels(Map<String, String> texts) {
        return new ReportExtras(ImmutableMap.copyOf(texts), formations);
    }

    ReportExtras withFormations(Map<String, ImmutableList<String>> lines) {
        return new ReportExtras(labels, ImmutableMap.copyOf(lines));
    }

    Optional<String> label(NeuronGroup group) {
        return Optional.ofNullable(labels.get(group.name())).filter(label -> !label.isBlank());
    }

    List<String> formation(NeuronGroup group) {
        return formations.getOrDefault(group.name(), ImmutableList.of());
    }
}
