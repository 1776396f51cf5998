package io.neurflow.core.report;

import com.google.common.collect.ImmutableMap;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Puts the HTML page together. Style and script are inline blocks that the page's policy names by their hashes. */
final class ReportPage {
    /** How far the band of a layer reaches beyond its cards. */
    private static final int BAND = 8;

    /** Five lines of what a layer is. */
    private static final int NAME_HEIGHT = 84;

    /** What a sheet of A4 across has for the graph, in pixels of CSS, below the head. */
    private static final double PRINTED_WIDTH = 1040;

    private static final double PRINTED_HEIGHT = 560;

    private static final List<String> SCRIPTS = List.of(
            "page-base.js",
            "page-panel.js",
            "page-edges.js",
            "page-graph.js",
            "page-overview.js",
            "page-trace.js",
            "page-notes.js",
            "page-table.js",
            "page-start.js");

    private final ConceptCircuit circuit;
    private final String rootTitle;
    private final PictureTable pictures;
    private final GroupMap map;
    private final ReportExtras extras;
    private final ImmutableMap<Integer, String> sources;
    private final double heaviest;
    private final StringBuilder html = new StringBuilder();

    private ReportPage(
            ConceptCircuit circuit,
            String rootTitle,
            PictureTable pictures,
            GroupMap map,
            ReportExtras extras,
            ImmutableMap<Integer, String> sources) {
        this.circuit = circuit;
        this.rootTitle = rootTitle;
        this.pictures = pictures;
        this.map = map;
        this.extras = extras;
        this.sources = sources;
        this.heaviest = circuit.edges().stream()
                .mapToDouble(edge -> Math.abs(edge.weight()))
                .max()
                .orElse(0);
    }

    static String of(
            ConceptCircuit circuit,
            String rootTitle,
            PictureTable pictures,
            GroupMap map,
            ReportExtras extras,
            ImmutableMap<Integer, String> sources) {
        ReportPage page = new ReportPage(circuit, rootTitle, pictures, map, extras, sources);
        page.write();
        return page.html.toString();
    }

    private void write() {
        String style = style();
        String script = SCRIPTS.stream().map(Markup::resource).collect(Collectors.joining());
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src ")
                .append(Markup.hash(style))
                .append("; script-src ")
                .append(Markup.hash(script))
                .append("; base-uri 'none'; form-action 'none'\">\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.append("<title>Concept circuit of ")
                .append(Markup.escape(rootTitle))
                .append("</title>\n");
        html.append("<style>").append(style).append("</style>\n</head>\n<body>\n");
        html.append(ReportHeader.of(circuit, rootTitle, pictures.perGroup()));
        tools();
        html.append("<main>\n<div class=\"stage\">\n<div class=\"scroll\" id=\"view\" role=\"region\" tabindex=\"0\" "
                + "aria-label=\"Graph; arrow keys go from group to group, Enter opens one\">\n"
                + "<div class=\"sizer\" id=\"sizer\">\n<div class=\"map\" id=\"map\">\n");
        for (int row = 0; row < circuit.layers().size(); row++) {
            html.append("<div class=\"band\" id=\"b").append(row).append("\"></div>\n");
        }
        html.append(String.format(
                Locale.ROOT,
                "<svg id=\"edges\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %1$d %2$d\" aria-hidden=\"true\"></svg>\n",
                map.width(),
                map.height()));
        cards();
        html.append("</div>\n");
        names();
        html.append("</div>\n</div>\n<canvas id=\"overview\" aria-hidden=\"true\" hidden></canvas>\n</div>\n")
                .append("<div id=\"tables\" role=\"region\" tabindex=\"0\" aria-label=\"Tables\" hidden></div>\n")
                .append(
                        "<aside id=\"panel\" aria-label=\"Details\" hidden><div class=\"sheet\" id=\"sheet\"></div></aside>\n")
                .append("</main>\n");
        html.append("<script type=\"application/json\" id=\"data\">")
                .append(ReportData.of(circuit, pictures, map, rootTitle, extras, sources.keySet()))
                .append("</script>\n<script>")
                .append(script)
                .append("</script>\n</body>\n</html>\n");
    }

    private String style() {
        StringBuilder style = new StringBuilder(Markup.resource("report.css"));
        style.append(String.format(
                Locale.ROOT,
                ".map{width:%dpx;height:%dpx}\n:root{--print-zoom:%.3f}\n",
                map.width(),
                map.height(),
                Math.min(1, Math.min(PRINTED_WIDTH / map.width(), PRINTED_HEIGHT / map.height()))));
        style.append(String.format(Locale.ROOT, ".card{width:%dpx;height:%dpx}\n", map.cardWidth(), map.cardHeight()));
        for (int g = 0; g < map.places().size(); g++) {
            GroupMap.Place place = map.places().get(g);
            style.append(String.format(Locale.ROOT, "#g%d{left:%dpx;top:%dpx}\n", g, place.x(), place.y()));
        }
        for (int row = 0; row < circuit.layers().size(); row++) {
            int top = rowTop(row);
            int nameHeight = Math.max(map.cardHeight() + 2 * BAND, NAME_HEIGHT);
            style.append(String.format(
                    Locale.ROOT, "#b%d{top:%dpx;height:%dpx}\n", row, top - BAND, map.cardHeight() + 2 * BAND));
            style.append(String.format(
                    Locale.ROOT,
                    "#r%d span{top:%dpx;height:%dpx;width:%dpx}\n",
                    row,
                    top + (map.cardHeight() - nameHeight) / 2,
                    nameHeight,
                    GroupMap.GUTTER - 8));
        }
        pictures.pictures().forEach((patch, data) -> style.append(".p")
                .append(patch)
                .append("{background-image:url(")
                .append(data)
                .append(")}\n"));
        sources.forEach((image, data) -> style.append(".s")
                .append(image)
                .append("{background-image:url(")
                .append(data)
                .append(")}\n"));
        return style.toString();
    }

    private int rowTop(int row) {
        List<NeuronGroup> groups = circuit.at(circuit.layers().get(row));
        return groups.isEmpty()
                ? 0
                : map.places().get(circuit.groups().indexOf(groups.get(0))).y();
    }

    private void tools() {
        long position = heaviest > 0 ? (long) Math.floor(1000 * Math.sqrt(map.threshold() / heaviest)) : 0;
        html.append(String.format(Locale.ROOT, Markup.resource("tools.html"), position));
    }

    private void cards() {
        for (Layer layer : circuit.layers()) {
            circuit.at(layer).stream()
                    .sorted(Comparator.comparingInt(group ->
                            map.places().get(circuit.groups().indexOf(group)).x()))
                    .forEach(this::card);
        }
    }

    /** What the rows are, at the left edge whatever is scrolled. */
    private void names() {
        html.append("<div class=\"rows\" id=\"rows\">\n");
        for (int row = 0; row < circuit.layers().size(); row++) {
            Layer layer = circuit.layers().get(row);
            html.append("<div class=\"row\" id=\"r").append(row).append("\"><span><b>");
            html.append(Markup.escape(layer.name())).append("</b> ");
            html.append(Markup.escape(layer.kind() + " " + layer.shape())).append(", ");
            html.append(Markup.count(circuit.at(layer).size(), "neuron group")).append(" of ");
            html.append(Markup.count(circuit.neurons().at(layer).size(), "neuron"))
                    .append("</span></div>\n");
        }
        html.append("</div>\n");
    }

    private void card(NeuronGroup group) {
        boolean root = group.equals(circuit.root());
        int neurons = group.neurons().size();
        String what = neurons == 1 ? "#" + group.neurons().get(0).channel() : neurons + " neurons";
        html.append("<button type=\"button\" class=\"card\" id=\"g")
                .append(circuit.groups().indexOf(group))
                .append("\" aria-label=\"")
                .append(Markup.escape(spoken(group, what)))
                .append("\" title=\"")
                .append(Markup.escape(group.toString()))
                .append("\"><span class=\"name\"><b>")
                .append(root ? Markup.escape(rootTitle) : "G" + group.index())
                .append("</b> <span>")
                .append(root ? "" : what)
                .append("</span></span>");
        if (!extras.labels().isEmpty()) {
            html.append(" <span class=\"label\">")
                    .append(Markup.escape(extras.label(group).orElse("")))
                    .append("</span>");
        }
        html.append("<span class=\"thumbs\">");
        for (int patch : pictures.onCard(group)) {
            html.append("<i class=\"t p").append(patch).append("\"></i>");
        }
        html.append("</span></button>\n");
    }

    /** Begins with what is written on the card, so that it can be asked for by that. */
    private String spoken(NeuronGroup group, String what) {
        String name = group.equals(circuit.root()) ? rootTitle : "G" + group.index() + " " + what;
        String label = extras.label(group).map(text -> " " + text).orElse("");
        return name + label + ", " + group.layer().name() + ", "
                + Markup.count(circuit.edgesInto(group).size(), "input");
    }
}
