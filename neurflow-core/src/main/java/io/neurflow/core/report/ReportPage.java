package io.neurflow.core.report;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.CoreConceptNeurons;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Provenance;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Puts the HTML page together. Style and script are inline blocks that the page's policy names by their hashes. */
final class ReportPage {
    private final ConceptCircuit circuit;
    private final String rootTitle;
    private final PictureTable pictures;
    private final GroupMap map;
    private final double heaviest;
    private final StringBuilder html = new StringBuilder();

    private ReportPage(ConceptCircuit circuit, String rootTitle, PictureTable pictures, GroupMap map) {
        this.circuit = circuit;
        this.rootTitle = rootTitle;
        this.pictures = pictures;
        this.map = map;
        this.heaviest = circuit.edges().stream()
                .mapToDouble(edge -> Math.abs(edge.weight()))
                .max()
                .orElse(0);
    }

    static String of(ConceptCircuit circuit, String rootTitle, PictureTable pictures, GroupMap map) {
        ReportPage page = new ReportPage(circuit, rootTitle, pictures, map);
        page.write();
        return page.html.toString();
    }

    private void write() {
        String style = style();
        String script = Markup.resource("report.js");
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
        header();
        tools();
        html.append("<main>\n<div class=\"scroll\">\n<div class=\"map\" id=\"map\">\n");
        edges();
        cards();
        html.append("</div>\n</div>\n<aside id=\"panel\" aria-label=\"Details\" hidden>"
                + "<div class=\"sheet\" id=\"sheet\"></div></aside>\n</main>\n");
        footer();
        html.append("<script type=\"application/json\" id=\"data\">")
                .append(ReportData.of(circuit, pictures, map, rootTitle))
                .append("</script>\n<script>")
                .append(script)
                .append("</script>\n</body>\n</html>\n");
    }

    private String style() {
        StringBuilder style = new StringBuilder(Markup.resource("report.css"));
        style.append(String.format(
                Locale.ROOT,
                ".map{width:%dpx;height:%dpx;--print-zoom:%.2f}\n",
                map.width(),
                map.height(),
                Math.min(1, 1000.0 / map.width())));
        style.append(String.format(Locale.ROOT, ".card{width:%dpx;height:%dpx}\n", map.cardWidth(), map.cardHeight()));
        for (int g = 0; g < map.places().size(); g++) {
            GroupMap.Place place = map.places().get(g);
            style.append(String.format(Locale.ROOT, "#g%d{left:%dpx;top:%dpx}\n", g, place.x(), place.y()));
        }
        for (int row = 0; row < circuit.layers().size(); row++) {
            style.append(String.format(Locale.ROOT, "#r%d{top:%dpx}\n", row, rowTop(row)));
        }
        pictures.pictures().forEach((patch, data) -> style.append(".p")
                .append(patch)
                .append("{background-image:url(")
                .append(data)
                .append(")}\n"));
        return style.toString();
    }

    private int rowTop(int row) {
        List<NeuronGroup> groups = circuit.at(circuit.layers().get(row));
        return groups.isEmpty()
                ? 0
                : map.places().get(circuit.groups().indexOf(groups.get(0))).y() - GroupMap.LABEL;
    }

    private void header() {
        Provenance made = circuit.provenance();
        html.append("<header>\n<h1>Concept circuit of ")
                .append(Markup.escape(rootTitle))
                .append("</h1>\n");
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

    private void tools() {
        long position = heaviest > 0 ? (long) Math.floor(1000 * Math.sqrt(map.threshold() / heaviest)) : 0;
        html.append(String.format(
                Locale.ROOT,
                """
                <div class="tools" id="tools" hidden>
                <label>Hide edges below |W| <input type="range" id="threshold" min="0" max="1000" value="%d">
                <output id="least" for="threshold"></output></label>
                <label><input type="checkbox" id="keep" checked> but keep the heaviest from each group</label>
                <span class="count" id="shown" role="status"></span>
                <label>Sign <select id="sign"><option value="all">both</option><option value="plus">positive</option>
                <option value="minus">negative</option></select></label>
                <label>Find <input type="search" id="search" placeholder="neuron or neuron group" autocomplete="off"></label>
                <span class="count" id="found" role="status"></span>
                <label>Size <select id="zoom"><option value="auto">automatic</option><option value="fit">fit the width</option>
                <option value="1">100 %%</option><option value="1.5">150 %%</option></select></label>
                <span class="key"><svg viewBox="0 0 34 8" aria-hidden="true"><path d="M0,4H34" fill="none" stroke="#1565ab" stroke-width="3"/></svg> W positive</span>
                <span class="key"><svg viewBox="0 0 34 8" aria-hidden="true"><path d="M0,4H34" fill="none" stroke="#c7520a" stroke-width="3" stroke-dasharray="7 4"/></svg> W negative</span>
                </div>
                """,
                position));
    }

    private void edges() {
        html.append(String.format(
                Locale.ROOT,
                "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %1$d %2$d\" role=\"group\" aria-label=\"Edges between neuron groups\">\n",
                map.width(),
                map.height()));
        List<GroupEdge> edges = circuit.edges();
        for (int e = 0; e < edges.size(); e++) {
            GroupEdge edge = edges.get(e);
            String path = map.path(
                    circuit.groups().indexOf(edge.child()), circuit.groups().indexOf(edge.parent()));
            html.append("<g class=\"edge ")
                    .append(edge.weight() < 0 ? "minus" : "plus")
                    .append(map.shown().contains(e) ? "" : " weak")
                    .append("\" data-edge=\"")
                    .append(e)
                    .append("\"><title>")
                    .append(Markup.escape(edge.toString()))
                    .append("</title><path class=\"hit\" d=\"")
                    .append(path)
                    .append("\"/><path class=\"line\" stroke-width=\"")
                    .append(penWidth(edge))
                    .append("\" d=\"")
                    .append(path)
                    .append("\"/></g>\n");
        }
        html.append("</svg>\n");
    }

    private String penWidth(GroupEdge edge) {
        return String.format(
                Locale.ROOT, "%.1f", 1 + 7 * Math.abs(edge.weight()) / Math.max(heaviest, Double.MIN_NORMAL));
    }

    private void cards() {
        List<Layer> layers = circuit.layers();
        for (int row = 0; row < layers.size(); row++) {
            Layer layer = layers.get(row);
            List<NeuronGroup> groups = circuit.at(layer);
            html.append("<div class=\"row\" id=\"r").append(row).append("\"><span><b>");
            html.append(Markup.escape(layer.name())).append("</b> ");
            html.append(Markup.escape(layer.kind() + " " + layer.shape())).append(", ");
            html.append(Markup.count(groups.size(), "neuron group")).append(" of ");
            html.append(Markup.count(circuit.neurons().at(layer).size(), "neuron"))
                    .append("</span></div>\n");
            groups.stream()
                    .sorted(java.util.Comparator.comparingInt(group ->
                            map.places().get(circuit.groups().indexOf(group)).x()))
                    .forEach(this::card);
        }
    }

    private void card(NeuronGroup group) {
        boolean root = group.equals(circuit.root());
        int neurons = group.neurons().size();
        String what = neurons == 1 ? "#" + group.neurons().get(0).channel() : neurons + " neurons";
        html.append("<button type=\"button\" class=\"card\" id=\"g")
                .append(circuit.groups().indexOf(group))
                .append("\" title=\"")
                .append(Markup.escape(group.toString()))
                .append("\"><span class=\"name\"><b>")
                .append(root ? Markup.escape(rootTitle) : "G" + group.index())
                .append("</b><span>")
                .append(root ? "" : what)
                .append("</span></span>");
        html.append("<span class=\"thumbs\">");
        for (int patch : pictures.onCard(group)) {
            html.append("<i class=\"t p").append(patch).append("\"></i>");
        }
        html.append("</span></button>\n");
    }

    private void footer() {
        html.append(
                "<footer>Each card is a neuron group with the strongest patches of the neurons nearest to its centre. ");
        html.append(
                "The weight W of an edge is the sum of the edge weights (Eq. 4) from the neurons of a group into the "
                        + "semantic groups of the other. ");
        if (pictures.perGroup() > 0) {
            html.append("Shown of each semantic group: at most ")
                    .append(Markup.count(pictures.perGroup(), "patch").replace("patchs", "patches"))
                    .append(", strongest first. ");
        } else {
            html.append("This page was made without pictures. ");
        }
        html.append("Neurflow ")
                .append(Markup.escape(circuit.provenance().libraryVersion()))
                .append(".</footer>\n");
    }
}
