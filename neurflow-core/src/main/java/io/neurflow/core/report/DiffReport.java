package io.neurflow.core.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.core.diff.CircuitDiff;
import io.neurflow.core.diff.DifferenceInterval;
import io.neurflow.core.diff.EdgeChange;
import io.neurflow.core.diff.GroupMatch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A {@link CircuitDiff} for people: one HTML page that needs no network; and for programs: JSON. */
public final class DiffReport {
    private final CircuitDiff diff;

    private DiffReport(CircuitDiff diff) {
        this.diff = diff;
    }

    /**
     * A report.
     *
     * @param diff what to show
     * @return the report
     */
    public static DiffReport of(CircuitDiff diff) {
        return new DiffReport(diff);
    }

    /**
     * Everything that was compared, {@code "format": "neurflow-diff", "version": 1}: settings that differ, pairs of groups
     * with their similarity, groups of one circuit only, and all edges between paired groups.
     *
     * @return a JSON document
     */
    public String toJson() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("format", "neurflow-diff").put("version", 1);
        json.put("empty", diff.isEmpty())
                .put("alignment", diff.alignment().how())
                .put("tolerance", diff.tolerance());
        json.put("confidence_intervals", diff.intervals().orElse(null));
        ObjectNode settings = json.putObject("settings_that_differ");
        diff.settings().forEach(settings::put);
        ArrayNode pairs = json.putArray("pairs");
        for (GroupMatch match : diff.alignment().matches()) {
            pairs.addObject()
                    .put("before", match.before().name())
                    .put("after", match.after().name())
                    .put("similarity", match.similarity());
        }
        names(json.putArray("only_before"), diff.onlyBefore());
        names(json.putArray("only_after"), diff.onlyAfter());
        ArrayNode edges = json.putArray("edges");
        for (EdgeChange edge : diff.edges()) {
            ObjectNode row = edges.addObject()
                    .put("kind", JsonPlace.word(edge.kind()))
                    .put("child", edge.child().before().name())
                    .put("parent", edge.parent().before().name())
                    .put("child_after", edge.child().after().name())
                    .put("parent_after", edge.parent().after().name())
                    .put("before", edge.before())
                    .put("after", edge.after());
            edge.interval().ifPresent(interval -> row.put("difference_low", interval.low())
                    .put("difference_high", interval.high())
                    .put("images", interval.images()));
        }
        return json.toPrettyString() + "\n";
    }

    private static void names(ArrayNode array, List<NeuronGroup> groups) {
        groups.forEach(group -> array.add(group.name()));
    }

    /**
     * The page, under a Content-Security-Policy that allows nothing but its own style. It has no script.
     *
     * @return an HTML document in UTF-8
     */
    public String toHtml() {
        StringBuilder html = new StringBuilder(PagePictures.head("Two circuits compared"));
        html.append("<header><h1>Two circuits compared</h1>\n<p>");
        html.append(title(diff.alignment().before()))
                .append(" &rarr; ")
                .append(title(diff.alignment().after()))
                .append(".</p>\n<p>");
        html.append(
                diff.isEmpty()
                        ? "They are the same up to the numbers of their neurons: every group has its counterpart, and no"
                                + " edge differs by more than the tolerance."
                        : String.format(
                                Locale.ROOT,
                                "%d groups are in both, %d only in the first, %d only in the second; of %d edges between"
                                        + " groups of both, %d differ by more than %.3g%s.",
                                diff.alignment().matches().size(),
                                diff.onlyBefore().size(),
                                diff.onlyAfter().size(),
                                diff.edges().size(),
                                diff.changes().size(),
                                diff.tolerance(),
                                diff.intervals().isEmpty()
                                        ? ""
                                        : " whatever the images, and of "
                                                + diff.unclear().size() + " it is unclear"));
        html.append("</p></header>\n<main>\n");
        settings(html);
        edges(html);
        groups(html);
        html.append("<p class=\"soft\">Groups were paired by ")
                .append(Markup.escape(diff.alignment().how()))
                .append(". Confidence: ")
                .append(Markup.escape(diff.intervals().orElse(CircuitDiff.NO_INTERVALS)))
                .append(".</p>\n");
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String title(ConceptCircuit circuit) {
        return "<b>" + Markup.escape(circuit.neurons().root().toString()) + "</b> of "
                + Markup.escape(circuit.provenance().model().name()) + " ("
                + Markup.count(circuit.images().size(), "image") + ")";
    }

    private void settings(StringBuilder html) {
        if (diff.settings().isEmpty()) {
            return;
        }
        html.append("<h2>Made differently</h2>\n<div class=\"wide\"><table><tbody>\n");
        diff.settings().forEach((name, values) -> html.append("<tr><th>")
                .append(Markup.escape(name))
                .append("</th><td>")
                .append(Markup.escape(values))
                .append("</td></tr>\n"));
        html.append("</tbody></table></div>\n");
    }

    private void edges(StringBuilder html) {
        html.append("<h2>Edges</h2>\n<div class=\"wide\"><table>\n<thead><tr><th></th><th>from</th><th>to</th>"
                + "<th>W before</th><th>W after</th><th>difference</th>"
                + (diff.intervals().isEmpty() ? "" : "<th>of 95 %</th>")
                + "</tr></thead>\n<tbody>\n");
        for (EdgeChange edge : diff.edges()) {
            boolean kept = edge.kind() == EdgeChange.Kind.KEPT || edge.kind() == EdgeChange.Kind.UNCLEAR;
            html.append(kept ? "<tr><td class=\"soft\">" : "<tr><th>")
                    .append(JsonPlace.word(edge.kind()))
                    .append(kept ? "</td><td>" : "</th><td>")
                    .append(pair(edge.child()))
                    .append("</td><td>")
                    .append(pair(edge.parent()))
                    .append("</td>");
            for (double value : new double[] {edge.before(), edge.after(), edge.difference()}) {
                html.append("<td class=\"n ")
                        .append(value < 0 ? "minus" : "plus")
                        .append(String.format(Locale.ROOT, "\">%+.3f</td>", value));
            }
            if (diff.intervals().isPresent()) {
                html.append("<td class=\"n\">")
                        .append(edge.interval().map(DiffReport::ends).orElse("unknown"))
                        .append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static String ends(DifferenceInterval interval) {
        return String.format(Locale.ROOT, "%+.3f to %+.3f", interval.low(), interval.high());
    }

    private static String pair(GroupMatch match) {
        String one = match.before().name();
        String other = match.after().name();
        return Markup.escape(one.equals(other) ? one : one + " = " + other);
    }

    private void groups(StringBuilder html) {
        html.append(
                "<h2>Groups</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>before</th><th>neurons</th><th>after</th>"
                        + "<th>neurons</th><th>similarity</th></tr></thead>\n<tbody>\n");
        for (GroupMatch match : diff.alignment().matches()) {
            html.append("<tr>");
            group(html, match.before());
            group(html, match.after());
            html.append(String.format(Locale.ROOT, "<td class=\"n\">%.2f</td></tr>\n", match.similarity()));
        }
        for (NeuronGroup group : diff.onlyBefore()) {
            html.append("<tr>");
            group(html, group);
            html.append("<td class=\"soft\">none</td><td></td><td></td></tr>\n");
        }
        for (NeuronGroup group : diff.onlyAfter()) {
            html.append("<tr><td class=\"soft\">none</td><td></td>");
            group(html, group);
            html.append("<td></td></tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static void group(StringBuilder html, NeuronGroup group) {
        html.append("<td>")
                .append(Markup.escape(group.name()))
                .append("</td><td class=\"n\">")
                .append(group.neurons().size())
                .append("</td>");
    }

    /**
     * Writes {@link #toHtml()} to a file. It appears at once and complete, or not at all.
     *
     * @param file replaced if it exists
     * @throws io.neurflow.api.NeurflowException if the file cannot be written
     */
    public void write(Path file) {
        String html = toHtml();
        WholeFile.write(file, out -> out.write(html));
    }

    /**
     * Writes {@link #toJson()} to a file. It appears at once and complete, or not at all.
     *
     * @param file replaced if it exists
     * @throws io.neurflow.api.NeurflowException if the file cannot be written
     */
    public void writeJson(Path file) {
        String json = toJson();
        WholeFile.write(file, out -> out.write(json));
    }
}
