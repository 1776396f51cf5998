package io.neurflow.core.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.ToyProbe;
import io.neurflow.core.VectorPatches;
import io.neurflow.core.certificate.Certifier;
import io.neurflow.core.debug.ImageDebugger;
import io.neurflow.core.diff.CircuitDiff;
import io.neurflow.core.diff.GroupAlignment;
import io.neurflow.core.report.CircuitReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rapaio.jupyter.kernel.global.Global;

class NotebookViewTest {
    private final ToyProbe probe = new ToyProbe(random(12, 8, 1), random(10, 12, 2), random(3, 10, 3));
    private final VectorPatches patches = new VectorPatches(random(60, 8, 4));
    private final ConceptCircuit circuit = CircuitBuilder.using(CoreConceptFinder.over(probe)
                    .topPatches(15)
                    .maxCoreNeurons(5)
                    .integrationSteps(8))
            .build(probe.logits().neuron(0), patches);

    private static double[][] random(int rows, int columns, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, rows)
                .mapToObj(r -> random.doubles(columns, -1, 1).toArray())
                .toArray(double[][]::new);
    }

    @AfterEach
    void stop() {
        Global.stop();
    }

    @Test
    void everyResultIsHtmlForKernelsAndItsOwnTextElsewhere() {
        var investigation = ImageDebugger.of(probe, circuit).investigate(patches);
        var certificate = Certifier.over(probe).randomCircuits(3).draws(20).certify(circuit, patches, patches);
        var diff = CircuitDiff.of(GroupAlignment.byPatches(circuit, circuit));
        var core = circuit.neurons().node(circuit.neurons().root()).core().orElseThrow();
        assertThat(NotebookView.of(circuit)).hasToString(circuit.toString());
        assertThat(NotebookView.of(diff)).hasToString(diff.toString());
        assertThat(NotebookView.of(certificate)).hasToString(certificate.toString());
        assertThat(NotebookView.of(core)).hasToString(core.toString());
        for (NotebookView view : List.of(
                NotebookView.of(circuit),
                NotebookView.of(core),
                NotebookView.of(certificate),
                NotebookView.of(diff),
                NotebookView.of(investigation))) {
            assertThat(view.html()).contains("<table>", "</table>").doesNotContain("<script", "<style");
        }
    }

    @Test
    void thePageIsInAFrameThatCannotReachTheNotebook() {
        NotebookView view = NotebookView.page(CircuitReport.of(circuit), 500);
        assertThat(view.html())
                .startsWith("<iframe")
                .contains("sandbox=\"allow-scripts allow-downloads\"", "srcdoc=\"&lt;!", "height:500px")
                .endsWith("\"></iframe>")
                .doesNotContain("allow-same-origin", "<script");
    }

    @Test
    void aKernelIsHandedHtmlAndWithoutOneTextIsPrinted() {
        PrintStream out = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        NotebookView view = new NotebookView("<b>html</b>", "text");
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            view.show();
            assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("text" + System.lineSeparator());
            Global.start();
            view.show();
        } finally {
            System.setOut(out);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("text" + System.lineSeparator());
        assertThat(Global.shown).containsExactly("text/html <b>html</b>");
    }
}
