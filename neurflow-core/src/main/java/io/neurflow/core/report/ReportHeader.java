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
    private final StringBuilder html = new StringBuilder();

    private ReportHeader(ConceptCircuit circuit) {
        this.circuit = circuit;
    }

    static String of(ConceptCircuit circuit, String rootTitle) {
        ReportHeader header = new ReportHeader(circuit);
        header.write(rootTitle);
        return header.html.toString();
    }

    private void write(String rootTitle) {
        Provenance made = circuit.provenance();
        html.append("<header>\n<a class=\"skip\" href=\"#table\">To the tables</a>\n<h1>Concept circuit of ")
                .append(Markup.escape(rootTitle))
                .append("</h1>\n");
        circuit.certificate().ifPresent(this::certificate);
        html.append("<dl class=\"facts\">\n");
        fact("class neuron", circuit.neurons().root().toString());
        fact("model", made.model().name());
        fact("engine", made.model().engine());
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
            fact("certificate", "none; neurflow explain --certify makes one");
        }
        if (made.options().containsKey("preset")) {
            fact("preset", made.options().get("preset"));
        }
        html.append("</dl>\n");
        if (!made.warnings().isEmpty()) {
            html.append("<ul class=\"warnings\" aria-label=\"Warnings\">\n");
            made.warnings()
                    .forEach(warning ->
                            html.append("<li>").append(Markup.escape(warning)).append("</li>\n"));
            html.append("</ul>\n");
        }
        residuals();
        html.append("<details><summary>Options: ")
                .append(Markup.escape(String.join(
                        ", ",
                        made.options().entrySet().stream()
                                .map(option -> option.getKey() + " " + option.getValue())
                                .toList())))
                .append("</summary>\n<ul class=\"options\">\n");
        made.options().forEach((name, value) -> option(name, value));
        option("library version", made.libraryVersion());
        option("model digest", made.model().digest());
        option("precision", JsonPlace.word(made.model().precision()));
        html.append("</ul></details>\n</header>\n");
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

    private void certificate(CircuitCertificate found) {
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
                        first.remove(),
                        Markup.escape(first.ablation())));
        html.append("<details><summary>The whole certificate</summary><pre>")
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
