package io.neurflow.core.report;

import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.debug.CropScores;
import io.neurflow.core.debug.GroupFiring;
import io.neurflow.core.debug.GroupVerdict;
import io.neurflow.core.debug.Investigation;
import io.neurflow.core.debug.MaskControl;
import io.neurflow.core.debug.Prediction;
import io.neurflow.core.debug.SmallestMask;
import io.neurflow.core.image.PatchPictures;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;

/** Puts the page of an investigation together. */
final class DebugPage {
    private static final int SIDE = 112;
    private static final int SMALL = 56;
    /** More images are in the table only, so that the page stays below a few megabytes. */
    private static final int MOST_IMAGES = 24;

    private final Investigation found;
    private final Optional<PatchPictures> pictures;
    private final Optional<GroupExamples> examples;
    private final IntFunction<String> className;
    private final StringBuilder html = new StringBuilder();

    private DebugPage(
            Investigation found,
            Optional<PatchPictures> pictures,
            Optional<GroupExamples> examples,
            IntFunction<String> className) {
        this.found = found;
        this.pictures = pictures;
        this.examples = examples;
        this.className = className;
    }

    static String of(
            Investigation found,
            Optional<PatchPictures> pictures,
            Optional<GroupExamples> examples,
            IntFunction<String> className) {
        DebugPage page = new DebugPage(found, pictures, examples, className);
        page.write();
        return page.html.toString();
    }

    private void write() {
        String target = className.apply(found.target());
        html.append(PagePictures.head("Why " + target + "?"));
        html.append("<header><h1>Why <em>").append(Markup.escape(target)).append("</em>?</h1>\n<p>");
        html.append(Markup.escape(found.model().name()))
                .append(" assigns ")
                .append(found.investigated().size())
                .append(" of ")
                .append(Markup.count(found.predictions().size(), "image"))
                .append(" to this class. ")
                .append(verdict())
                .append("</p></header>\n<main>\n");
        groups();
        images();
        table();
        html.append("<h2>How this was done</h2>\n<p class=\"soft\">");
        html.append("M is how sure the model is of a group's concept in a window of an image (Section 5 of the NeurFlow"
                + " paper); a group fires where its highest M reaches the threshold. Masking sets the group's channels to"
                + " zero; random masks have as many channels of the same layer, matched in activation. The p-value is the"
                + " share of random masks that lower the logit as much. AUC compares images of this class with the"
                + " others.</p>\n<ul class=\"options\">");
        found.settings().forEach((name, value) -> html.append("<li>")
                .append(Markup.escape(name + ": " + value))
                .append("</li>"));
        html.append("</ul>\n</main>\n</body>\n</html>\n");
    }

    private String verdict() {
        if (found.investigated().isEmpty()) {
            return "There is nothing to mask; the table says which groups fire all the same.";
        }
        return found.culprit()
                .map(culprit -> format(
                        "These predictions hang on <b>%s</b> most: without its %d neurons the probability falls by %.2f on"
                                + " average, and %.0f %% of them change.",
                        Markup.escape(culprit.group().name()),
                        culprit.effect().masked().size(),
                        culprit.effect().meanProbabilityDrop(),
                        100 * culprit.effect().flips()))
                .orElse("No single group of " + Markup.escape(found.layer().name())
                        + " is found to carry these predictions.");
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    private void groups() {
        if (found.verdicts().isEmpty()) {
            return;
        }
        html.append("<h2>Groups of ")
                .append(Markup.escape(found.layer().name()))
                .append(", masked one by one</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>group</th>");
        if (examples.isPresent()) {
            html.append("<th>what it stands for</th>");
        }
        html.append("<th>neurons</th><th>fires on</th><th>AUC</th><th>probability falls by</th><th>random masks</th>"
                + "<th>predictions that change</th><th>random masks</th><th>logit falls by</th><th>random masks</th>"
                + "<th>p-value, corrected</th></tr></thead>\n<tbody>\n");
        found.verdicts().forEach(this::row);
        html.append("</tbody></table></div>\n");
    }

    private void row(GroupVerdict v) {
        boolean culprit = found.culprit().filter(v::equals).isPresent();
        html.append(culprit ? "<tr class=\"hot\"><th>" : "<tr><th>")
                .append("G")
                .append(v.group().index())
                .append("</th>");
        examples.ifPresent(known -> {
            html.append("<td class=\"thumbs\">");
            known.circuit().groups().stream()
                    .filter(group -> group.name().equals(v.group().name()))
                    .findFirst()
                    .ifPresent(group -> GroupExamples.of(known.circuit(), group, 6)
                            .forEach(patch -> html.append(PagePictures.img(
                                    known.pictures().picture(patch, SMALL), "patch of " + group.name()))));
            html.append("</td>");
        });
        Optional<MaskControl> control = v.effect().control();
        cell(Integer.toString(v.effect().masked().size()));
        cell(format("%.0f %%", 100 * v.shareFiring()));
        cell(v.separation().map(auc -> format("%.2f", auc)).orElse("–"));
        cell(format("%.3f", v.effect().meanProbabilityDrop()));
        cell(control.map(c -> format("%.3f", c.meanProbabilityDrop())).orElse("–"));
        cell(format("%.0f %%", 100 * v.effect().flips()));
        cell(control.map(c -> format("%.0f %%", 100 * c.meanFlips())).orElse("–"));
        cell(format("%.2f", v.effect().meanLogitDrop()));
        cell(control.map(c -> format("%.2f", c.meanLogitDrop())).orElse("–"));
        cell(format("%.4f", v.adjustedP()));
        html.append("</tr>\n");
    }

    private void cell(String text) {
        html.append("<td class=\"n\">").append(text).append("</td>");
    }

    private void images() {
        if (pictures.isEmpty()) {
            return;
        }
        List<Prediction> shown = found.predictions().stream()
                .sorted(Comparator.comparing(p -> p.top() != found.target()))
                .limit(MOST_IMAGES)
                .toList();
        html.append(
                "<h2>Where the groups fire</h2>\n<p class=\"soft\">The image, then the three groups with the highest M;"
                        + " what keeps its colour is where they see their concept.");
        if (shown.size() < found.predictions().size()) {
            html.append(" The first ")
                    .append(shown.size())
                    .append(" of ")
                    .append(found.predictions().size())
                    .append(" images.");
        }
        html.append("</p>\n<div class=\"cards\">\n");
        shown.forEach(prediction -> card(pictures.get(), prediction));
        html.append("</div>\n");
    }

    private void card(PatchPictures source, Prediction prediction) {
        SourceImage image = prediction.image();
        CropScores scores = found.scores();
        Patch whole = scores.windows(image).stream()
                .max(Comparator.comparingInt(Patch::size).thenComparing(patch -> -patch.index()))
                .orElseThrow();
        var picture = source.picture(whole, SIDE);
        html.append("<figure><div class=\"thumbs\">").append(PagePictures.img(picture, image.name()));
        scores.groups().stream()
                .map(group -> scores.firing(group, image))
                .sorted(Comparator.comparingDouble((GroupFiring f) -> -f.highest()))
                .limit(3)
                .forEach(f -> html.append("<span>")
                        .append(PagePictures.img(
                                scores.heatMap(f.group(), image).over(picture, Math.max(f.highest(), 1e-9)),
                                "where " + f.group().name() + " fires"))
                        .append(format(
                                "<b>G%d</b> %.2f%s</span>",
                                f.group().index(), f.highest(), f.fires() ? "" : " (below the threshold)")));
        html.append("</div><figcaption><b>")
                .append(Markup.escape(image.name()))
                .append("</b><br>")
                .append(Markup.escape(className.apply(prediction.top())))
                .append(format(
                        "; p of %s %.3f", Markup.escape(className.apply(found.target())), prediction.probability()));
        found.smallestMasks().stream()
                .filter(mask -> mask.change().before().image().equals(image))
                .findFirst()
                .ifPresent(mask -> html.append("<br>").append(Markup.escape(text(mask))));
        html.append("</figcaption></figure>\n");
    }

    private String text(SmallestMask mask) {
        return mask.flips()
                ? "becomes " + className.apply(mask.change().after().top()) + " without "
                        + Markup.count(mask.mask().size(), "neuron") + ": "
                        + mask.mask().stream().map(n -> "#" + n.channel()).toList()
                        + (mask.proven() ? ", the fewest" : ", none to spare")
                : "stays even without all " + mask.candidates() + " neurons of the circuit here";
    }

    private void table() {
        CropScores scores = found.scores();
        html.append("<h2>Highest M in each image</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>image</th>"
                + "<th>prediction</th><th>p</th>");
        for (NeuronGroup group : scores.groups()) {
            html.append("<th>G").append(group.index()).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (Prediction prediction : found.predictions()) {
            html.append("<tr><th>")
                    .append(Markup.escape(prediction.image().name()))
                    .append("</th><td>")
                    .append(Markup.escape(className.apply(prediction.top())))
                    .append("</td>");
            cell(format("%.3f", prediction.probability()));
            for (NeuronGroup group : scores.groups()) {
                GroupFiring firing = scores.firing(group, prediction.image());
                html.append(firing.fires() ? "<td class=\"n fires\">" : "<td class=\"n\">")
                        .append(format("%.2f", firing.highest()))
                        .append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }
}
