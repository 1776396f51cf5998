package io.neurflow.core.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * What the doctor found in a model.
 *
 * @param model the model in one line
 * @param findings the gravest first, then in the order of the checks
 * @param parity for each layer of the reference how far it is off, from the input upwards; empty without a reference
 * @param guesses ways of preparing images, the likeliest first; empty if none was tried
 * @param suggestedLayers layers to explain by, the logits first
 */
public record Diagnosis(
        String model,
        ImmutableList<Finding> findings,
        ImmutableList<LayerParity> parity,
        ImmutableList<PreprocessingGuess> guesses,
        ImmutableList<String> suggestedLayers) {
    /**
     * The gravest severity.
     *
     * @return empty if nothing was found
     */
    public Optional<Severity> worst() {
        return findings.stream().map(Finding::severity).max(Enum::compareTo);
    }

    /**
     * The lowest layer that is further from the reference than rounding explains.
     *
     * @return empty if there is none
     */
    public Optional<LayerParity> firstDeparture() {
        return parity.stream()
                .filter(p -> !(p.relativeError() <= ParityCheck.CLOSE))
                .findFirst();
    }

    /**
     * The same as one JSON object with {@code model}, {@code worst}, {@code findings}, {@code parity}, {@code guesses} and
     * {@code suggestedLayers}. A relative error that is not a number is null.
     *
     * @return the document, indented
     */
    public String toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", model).put("worst", worst().map(Enum::name).orElse("NONE"));
        ArrayNode all = json.putArray("findings");
        for (Finding f : findings) {
            all.addObject()
                    .put("severity", f.severity().name())
                    .put("check", f.check())
                    .put("where", f.where())
                    .put("seen", f.seen())
                    .put("meaning", f.meaning())
                    .put("advice", f.advice());
        }
        ArrayNode layers = json.putArray("parity");
        for (LayerParity p : parity) {
            ObjectNode layer = layers.addObject().put("layer", p.layer()).put("pooled", p.pooled());
            layer.put("relativeError", Double.isFinite(p.relativeError()) ? Double.valueOf(p.relativeError()) : null);
            layer.put("image", p.image()).put("channel", p.channel());
        }
        ArrayNode ways = json.putArray("guesses");
        for (PreprocessingGuess g : guesses) {
            ways.addObject()
                    .put("name", g.name())
                    .put("preprocessing", g.preprocessing().describe())
                    .put("evidence", g.evidence());
        }
        ArrayNode suggested = json.putArray("suggestedLayers");
        suggestedLayers.forEach(suggested::add);
        return json.toPrettyString();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(model).append('\n');
        for (Finding f : findings) {
            text.append(f.severity()).append(" ").append(f.check());
            text.append(f.where().isEmpty() ? "" : ", " + f.where())
                    .append(": ")
                    .append(f.seen());
            text.append("\n    means: ")
                    .append(f.meaning())
                    .append("\n    do: ")
                    .append(f.advice())
                    .append('\n');
        }
        if (!parity.isEmpty()) {
            text.append("largest difference from the reference, relative to its largest value:\n");
            parity.forEach(p -> text.append("    ").append(p).append('\n'));
        }
        if (!guesses.isEmpty()) {
            text.append("preprocessing, the likeliest first:\n");
            guesses.forEach(g -> text.append("    ").append(g).append('\n'));
        }
        text.append("suggested layers: ")
                .append(String.join(",", suggestedLayers))
                .append('\n');
        text.append(worst().filter(w -> w != Severity.NOTE).isPresent() ? "" : "nothing speaks against an analysis\n");
        return text.toString();
    }
}
