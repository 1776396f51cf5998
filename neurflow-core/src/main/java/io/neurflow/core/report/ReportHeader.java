package io.neurflow.core.report;

import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.Layer;
import io.neurflow.api.Provenance;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The head of the page: what the circuit is of, how it was made, and how far it can be trusted. */
final class ReportHeader {
    private final ConceptCircuit circuit;
    private final int picturesPerGroup;
    private final StringBuilder html = new StringBuilder();

    private ReportHeader(ConceptCircuit circuit, int picturesPerGroup) {
        this.circuit = circuit;
        this.picturesPerGroup = picturesPerGroup;
    }

    /** The head; without pictures there are 0 of each semantic group. */
    static String of(ConceptCircuit circuit, String rootTitle, int picturesPerGroup) {
        ReportHeader header = new ReportHeader(circuit, picturesPerGroup);
        header.write(rootTitle);
        return header.html.toString();
    }

    private void write(String rootTitle) {
        Provenance made = circuit.provenance();
        html.append("<header>\n<a class=\"skip\" href=\"#table\">To the tables</a>\n<h1>Concept circuit of ")
                .append(Markup.escape(rootTitle))
                .append("</h1>\n");
        circuit.certificate().ifPresent(this::verdict);
        html.append("<details class=\"fold\" open><summary>About this circuit</summary>\n<dl class=\"facts\">\n");
        fact("class neuron", circuit.neurons().root().toString());
        fact("model", made.model().name());
        fact("images", Integer.toString(circuit.images().size()));
        fact("patches", Integer.toString(circuit.patches().size()));
        fact("neurons", Integer.toString(circuit.neurons().nodes().size()));
        fact("neuron groups", Integer.toString(circuit.groups().size()));
        fact(
                "largest completeness residual",
                String.format(Locale.ROOT, "%.2g %% of the change", 100 * circuit.largestRelativeResidual()));
        IntStream steps = circuit.neurons().nodes().stream()
                .flatMap(node -> node.core().stream())
                .mapToInt(CoreConceptNeurons::mostSteps);
        fact("most integration steps", Integer.toString(steps.max().orElse(0)));
        if (circuit.certificate().isEmpty()) {
            fact("certificate", "none");
        }
        if (made.options().containsKey("preset")) {
            fact("preset", made.options().get("preset"));
        }
        html.append("</dl></details>\n");
        if (!made.warnings().isEmpty()) {
            html.append("<ul class=\"warnings\" aria-label=\"Warnings\">\n");
            made.warnings()
                    .forEach(warning ->
                            html.append("<li>").append(Markup.escape(warning)).append("</li>\n"));
            html.append("</ul>\n");
        }
        html.append("<div class=\"more\">\n");
        howToRead();
        circuit.certificate().ifPresent(this::certificate);
        residuals();
        html.append("<details><summary>How it was made</summary>\n<ul class=\"options\">\n");
        made.options().forEach((name, value) -> option(name, value));
        option("engine", made.model().engine());
        option("library version", made.libraryVersion());
        option("model digest", made.model().digest());
        option("precision", JsonPlace.word(made.model().precision()));
        html.append("</ul></details>\n</div>\n</header>\n");
    }

    private void howToRead() {
        html.append(Markup.resource("reading.html"));
        if (picturesPerGroup > 0) {
            html.append("<p>Shown of each semantic group: at most ")
                    .append(picturesPerGroup == 1 ? "1 patch" : picturesPerGroup + " patches")
                    .append(", strongest first.");
        } else {
            html.append("<p>This page was made without pictures.");
        }
        if (circuit.certificate().isEmpty()) {
            html.append(" There is no certificate; <code>neurflow explain --certify</code> makes one.");
        }
        html.append("</p>\n</details>\n");
    }

    private void fact(String name, String value) {
        html.append("<div><dt>")
                .append(name)
                .append("</dt><dd>")
                .append(Markup.escape(value))
                .append("</dd></div>\n");
    }

    private void option(String name, String value) {
        html.append("<li>")
                .append(Markup.escape(name))
                .append(": <b>")
                .append(Markup.escape(value))
                .append("</b></li>\n");
    }

    private void verdict(CircuitCertificate found) {
        CircuitCertificate.Ablated first = found.ablations().get(0);
        boolean better = found.betterThanRandom();
        html.append("<p class=\"verdict ")
                .append(better ? "good" : "poor")
                .append("\"><b>")
                .append(better ? "\u2713 Better than random circuits" : "\u26a0 No better than random circuits")
                .append(String.format(
                        Locale.ROOT,
                        "</b> (p %.3f, level %.2f, %s): keeps %.2f of the model's answer, what is left out %.2f, with other"
                                + " channels at %s.</p>\n",
                        first.p(),
                        found.alpha(),
                        Markup.count(found.images(), "held-out image"),
                        first.keep(),
                        withoutMinusZero(first.remove()),
                        Markup.escape(first.ablation())));
    }

    /** What shows as 0.00 has no sign. */
    private static double withoutMinusZero(double value) {
        return Math.abs(value) < 0.005 ? 0 : value;
    }

    private void certificate(CircuitCertificate found) {
        html.append("<details><summary>Certificate</summary><pre tabindex=\"0\">")
                .append(Markup.escape(String.join("\n", found.lines())))
                .append("</pre></details>\n");
    }

    /** Where the largest residuals are: by layer of the targets. */
    private void residuals() {
        html.append("<details><summary>Completeness residuals by layer</summary>\n<table><thead><tr>"
                + "<th scope=\"col\">layer</th><th scope=\"col\">targets</th>"
                + "<th scope=\"col\">largest residual, share of the change</th>"
                + "<th scope=\"col\">most steps</th></tr></thead><tbody>\n");
        for (Layer layer : circuit.layers()) {
            List<CoreConceptNeurons> cores = circuit.neurons().at(layer).stream()
                    .map(CircuitNode::core)
                    .flatMap(Optional::stream)
                    .toList();
            if (cores.isEmpty()) {
                continue;
            }
            double largest = cores.stream()
                    .filter(core -> core.largestChange() > 0)
                    .mapToDouble(core -> core.largestResidual() / core.largestChange())
                    .max()
                    .orElse(0);
            int steps =
                    cores.stream().mapToInt(CoreConceptNeurons::mostSteps).max().orElse(0);
            html.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s</td><td>%d</td><td>%.2g %%</td><td>%d</td></tr>\n",
                    Markup.escape(layer.name()),
                    cores.size(),
                    100 * largest,
                    steps));
        }
        html.append("</tbody></table></details>\n");
    }
}
