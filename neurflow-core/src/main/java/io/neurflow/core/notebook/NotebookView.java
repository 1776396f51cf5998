package io.neurflow.core.notebook;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.html.HtmlEscapers;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import io.neurflow.core.certificate.Certificate;
import io.neurflow.core.debug.GroupVerdict;
import io.neurflow.core.debug.Investigation;
import io.neurflow.core.diff.CircuitDiff;
import io.neurflow.core.diff.EdgeChange;
import io.neurflow.core.report.CircuitReport;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A result for a notebook: HTML where a kernel shows HTML, text everywhere else.
 *
 * <pre>{@code
 * NotebookView.page(CircuitReport.of(circuit).pictures(patches), 600).show();
 * NotebookView.of(circuit).show();
 * }</pre>
 *
 * <p>{@link #show} hands the HTML to the kernel's own {@code display}, which it finds by name in JJava, IJava and
 * rapaio-jupyter-kernel; in JShell and where no kernel is known it prints the text. The tables are plain HTML without script or
 * style of their own; the page is in a frame with a sandbox, since it brings its script and its Content-Security-Policy along.
 *
 * @param html a fragment that can stand in any HTML document
 * @param text the same for terminals
 */
public record NotebookView(String html, String text) {
    private static final int MOST_ROWS = 20;

    /**
     * The interactive page of a circuit.
     *
     * @param report with pictures or without
     * @param height of the frame in pixels, 100 or more
     * @return the view; its text is the circuit's
     */
    public static NotebookView page(CircuitReport report, int height) {
        checkArgument(height >= 100, "expected 100 pixels or more, but it is %s", height);
        String page = report.toHtml();
        return new NotebookView(
                "<iframe title=\"Concept circuit\" sandbox=\"allow-scripts allow-downloads\" style=\"width:100%;height:"
                        + height + "px;border:1px solid #888\" srcdoc=\"" + escape(page) + "\"></iframe>",
                report.circuit().toString());
    }

    /**
     * The groups of each layer, and the heaviest edges.
     *
     * @param circuit any
     * @return two tables
     */
    public static NotebookView of(ConceptCircuit circuit) {
        Table groups = new Table("layer", "groups", "neurons", "patches of the largest group");
        for (Layer layer : circuit.layers()) {
            List<NeuronGroup> here = circuit.at(layer);
            groups.row(
                    layer.name(),
                    here.size(),
                    circuit.neurons().at(layer).size(),
                    here.stream()
                            .mapToInt(group -> group.concept().length())
                            .max()
                            .orElse(0));
        }
        Table edges = new Table("from", "to", "W");
        circuit.edges().stream()
                .sorted(Comparator.comparingDouble((GroupEdge edge) -> -Math.abs(edge.weight())))
                .limit(MOST_ROWS)
                .forEach(edge -> edges.row(edge.child().name(), edge.parent().name(), edge.weight()));
        return new NotebookView(
                groups + "<p>" + Math.min(MOST_ROWS, circuit.edges().size()) + " of "
                        + circuit.edges().size() + " edges, the heaviest first</p>" + edges,
                circuit.toString());
    }

    /**
     * Core concept neurons with their importance scores.
     *
     * @param core of one target
     * @return a table, best first
     */
    public static NotebookView of(CoreConceptNeurons core) {
        Table table = new Table("core concept neurons of " + core.target(), "importance score T");
        core.scores().forEach(score -> table.row(score.source(), score.value()));
        return new NotebookView(table.toString(), core.toString());
    }

    /**
     * A certificate.
     *
     * @param certificate any
     * @return its verdict, and a table of the ablations
     */
    public static NotebookView of(Certificate certificate) {
        Table table = new Table("other channels are", "circuit keeps", "complement keeps", "p");
        certificate
                .controls()
                .forEach(control -> table.row(control.ablation(), control.keep(), control.remove(), control.p()));
        return new NotebookView(
                "<p><b>" + (certificate.betterThanRandom() ? "Better" : "No better")
                        + " than random circuits</b> (alpha " + certificate.alpha() + ", "
                        + certificate.images() + " held-out images)</p>" + table,
                certificate.toString());
    }

    /**
     * What two circuits differ in.
     *
     * @param diff any
     * @return a table of edges that changed or may have changed
     */
    public static NotebookView of(CircuitDiff diff) {
        Table table = new Table("", "from", "to", "W before", "W after", "95 % of the difference");
        List<EdgeChange> edges = diff.edges().stream()
                .filter(edge -> edge.kind() != EdgeChange.Kind.KEPT)
                .toList();
        edges.stream()
                .limit(MOST_ROWS)
                .forEach(edge -> table.row(
                        edge.kind().name().toLowerCase(Locale.ROOT),
                        edge.child().before().name(),
                        edge.parent().before().name(),
                        edge.before(),
                        edge.after(),
                        edge.interval().map(Object::toString).orElse("unknown")));
        return new NotebookView(
                "<p>" + diff.alignment().matches().size() + " groups in both, "
                        + diff.onlyBefore().size() + " only before, "
                        + diff.onlyAfter().size() + " only after; "
                        + Math.min(MOST_ROWS, edges.size()) + " of " + edges.size() + " edges that differ</p>" + table,
                diff.toString());
    }

    /**
     * Why a model takes images for a class.
     *
     * @param investigation any
     * @return a table of the groups that were masked
     */
    public static NotebookView of(Investigation investigation) {
        Table table = new Table("group", "fires on", "p of the class falls by", "logit falls by", "p after Holm");
        for (GroupVerdict verdict : investigation.verdicts()) {
            table.row(
                    verdict.group().name(),
                    String.format(Locale.ROOT, "%.0f %%", 100 * verdict.shareFiring()),
                    verdict.effect().meanProbabilityDrop(),
                    verdict.effect().meanLogitDrop(),
                    verdict.adjustedP());
        }
        String culprit = investigation
                .culprit()
                .map(verdict ->
                        "these predictions hang on <b>" + escape(verdict.group().name()) + "</b> most")
                .orElse("no group makes the difference");
        return new NotebookView("<p>" + culprit + "</p>" + table, investigation.toString());
    }

    private static String escape(String text) {
        return HtmlEscapers.htmlEscaper().escape(text);
    }

    /** Shows it: as HTML in a kernel that is known, else as text on standard output. */
    public void show() {
        if (!Kernels.display(html)) {
            System.out.println(text);
        }
    }

    @Override
    public String toString() {
        return text;
    }

    /** An HTML table; numbers to the right. */
    private static final class Table {
        private final StringBuilder html = new StringBuilder("<table><thead><tr>");

        Table(String... heads) {
            for (String head : heads) {
                html.append("<th>").append(escape(head)).append("</th>");
            }
            html.append("</tr></thead><tbody>\n");
        }

        void row(Object... cells) {
            html.append("<tr>");
            for (Object cell : cells) {
                boolean number = cell instanceof Number;
                String said = cell instanceof Double value
                        ? String.format(Locale.ROOT, Math.abs(value) < 0.001 && value != 0 ? "%.1e" : "%.3f", value)
                        : cell.toString();
                html.append(number ? "<td style=\"text-align:right\">" : "<td style=\"text-align:left\">")
                        .append(escape(said))
                        .append("</td>");
            }
            html.append("</tr>\n");
        }

        @Override
        public String toString() {
            return html + "</tbody></table>";
        }
    }
}
