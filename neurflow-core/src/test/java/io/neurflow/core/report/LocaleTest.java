package io.neurflow.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.ImportanceScores;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Shape;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.graph.SmallGraphs;
import io.neurflow.core.reference.ReferenceProbe;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A decimal comma would break style sheets, and digits of another script everything. */
@ResourceLock(Resources.LOCALE)
class LocaleTest {
    private final ConceptCircuit circuit = SampleCircuits.small();

    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "ar-EG-u-nu-arab"})
    void pagesPicturesFilesAndTextAreTheSameWhereverTheyAreMade(String tag) {
        assertThat(under(Locale.forLanguageTag(tag))).isEqualTo(under(Locale.ROOT));
    }

    @Test
    void theGermanLocaleWouldShow() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat("%.1f".formatted(0.5)).isEqualTo("0,5");
        } finally {
            Locale.setDefault(before);
        }
    }

    private ImmutableList<String> under(Locale locale) {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(locale);
            return everything();
        } finally {
            Locale.setDefault(before);
        }
    }

    private ImmutableList<String> everything() {
        CircuitReport report = CircuitReport.of(circuit).className("bee").pictures(SampleCircuits.drawn());
        CircuitNode root = circuit.neurons().nodes().get(0);
        Layer below = new Layer("below", 0, "Relu", Shape.units(2));
        ImmutableList.Builder<String> all = ImmutableList.builder();
        all.add(report.toHtml(), report.toSvg(), CircuitJson.write(circuit), circuit.toString());
        all.add(CircuitGraphs.dot(circuit), CircuitGraphs.graphMl(circuit));
        all.add(
                circuit.neurons().toString(),
                root.toString(),
                root.core().orElseThrow().toString());
        all.add(circuit.edges().toString(), circuit.neurons().edges().toString());
        all.add(new ImportanceScores(root.neuron(), below, new double[][] {{0.25, 0.5}}, new double[] {1.5})
                .toString());
        try (ModelProbe probe = ReferenceProbe.open(SmallGraphs.residual())) {
            all.add(
                    CircuitBuilder.over(probe).toString(),
                    CircuitBuilder.over(probe).finder().toString());
        }
        return all.build();
    }
}
