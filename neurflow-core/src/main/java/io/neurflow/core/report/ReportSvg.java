package io.neurflow.core.report;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Draws the graph without script: only the edges that the page shows at first, and each picture once. */
final class ReportSvg {
    private static final int THUMB = 47;

    private ReportSvg() {}

    static String of(
            ConceptCircuit circuit, String rootTitle, PictureTable pictures, GroupMap map, ReportExtras extras) {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%1$d\" height=\"%2$d\" ",
                map.width(),
                map.height()));
        svg.append(
                "role=\"img\" font-family=\"system-ui, 'Segoe UI', Roboto, Arial, sans-serif\" font-size=\"12.5\">\n<title>");
        svg.append(Markup.escape("Concept circuit of " + rootTitle)).append("</title>\n<defs>\n");
        Set<Integer> used = new TreeSet<>();
        circuit.groups().forEach(group -> used.addAll(pictures.onCard(group)));
        for (int patch : used) {
            svg.append(String.format(
                            Locale.ROOT, "<image id=\"p%d\" width=\"%d\" height=\"%2$d\" href=\"", patch, THUMB))
                    .append(pictures.pictures().get(patch))
                    .append("\"/>\n");
        }
        svg.append("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        edges(svg, circuit, map);
        for (Layer layer : circuit.layers()) {
            List<NeuronGroup> groups = circuit.at(layer);
            if (!groups.isEmpty()) {
                int y = map.places()
                                .get(circuit.groups().indexOf(groups.get(0)))
                                .y()
                        + map.cardHeight() / 2;
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"8\" y=\"%d\" fill=\"#5a6372\" font-size=\"13\" font-weight=\"600\">%s</text>\n",
                        y,
                        Markup.escape(CardText.shortened(layer.name(), 15))));
            }
        }
        for (NeuronGroup group : circuit.groups()) {
            card(svg, circuit, group, rootTitle, pictures, map, extras);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void edges(StringBuilder svg, ConceptCircuit circuit, GroupMap map) {
        double heaviest = map.shown().stream()
                .mapToDouble(e -> Math.abs(circuit.edges().get(e).weight()))
                .max()
                .orElse(0);
        svg.append("<g fill=\"none\" stroke-opacity=\".62\">\n");
        for (int e : map.shown()) {
            GroupEdge edge = circuit.edges().get(e);
            boolean minus = edge.weight() < 0;
            double share = heaviest > 0 ? Math.abs(edge.weight()) / heaviest : 0;
            svg.append(String.format(
                    Locale.ROOT,
                    "<path d=\"%s\" stroke=\"%s\" stroke-width=\"%.1f\"%s/>\n",
                    map.path(
                            circuit.groups().indexOf(edge.child()),
                            circuit.groups().indexOf(edge.parent())),
                    minus ? "#c7520a" : "#1565ab",
                    1 + 7 * share,
                    minus ? " stroke-dasharray=\"7 4\"" : ""));
        }
        svg.append("</g>\n");
    }

    private static void card(
            StringBuilder svg,
            ConceptCircuit circuit,
            NeuronGroup group,
            String rootTitle,
            PictureTable pictures,
            GroupMap map,
            ReportExtras extras) {
        GroupMap.Place place = map.places().get(circuit.groups().indexOf(group));
        boolean root = group.equals(circuit.root());
        String what = CardText.what(group);
        svg.append(String.format(
                Locale.ROOT,
                "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">",
                place.x(),
                place.y(),
                map.cardWidth(),
                map.cardHeight()));
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#fff\" stroke=\"#8d96a5\" stroke-width=\"1.5\"/>",
                map.cardWidth() - 2,
                map.cardHeight() - 2));
        svg.append("<text x=\"6\" y=\"18\" font-weight=\"700\" fill=\"#1c2330\">")
                .append(Markup.escape(CardText.name(circuit, group, rootTitle)))
                .append("</text>");
        if (!root) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"18\" text-anchor=\"end\" fill=\"#5a6372\">%s</text>",
                    map.cardWidth() - 6,
                    what));
        }
        int label = extras.labels().isEmpty() ? 0 : CircuitReport.LABEL;
        extras.label(group).ifPresent(text -> svg.append("<text x=\"6\" y=\"34\" font-size=\"11\" fill=\"#1c2330\">")
                .append(Markup.escape(CardText.shortened(text, 17)))
                .append("</text>"));
        List<Integer> shown = pictures.onCard(group);
        for (int i = 0; i < shown.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<use href=\"#p%d\" x=\"%d\" y=\"%d\"/>",
                    shown.get(i),
                    5 + (i % 2) * (THUMB + 2),
                    24 + label + (i / 2) * (THUMB + 2)));
        }
        svg.append("</svg>\n");
    }
}
