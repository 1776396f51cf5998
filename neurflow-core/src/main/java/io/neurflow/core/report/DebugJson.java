package io.neurflow.core.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.neurflow.api.Neuron;
import io.neurflow.api.Patch;
import io.neurflow.core.debug.GroupFiring;
import io.neurflow.core.debug.GroupVerdict;
import io.neurflow.core.debug.Investigation;
import io.neurflow.core.debug.MaskChange;
import io.neurflow.core.debug.MaskEffect;
import io.neurflow.core.debug.Prediction;
import io.neurflow.core.debug.SmallestMask;
import java.util.List;

/** An investigation as JSON. */
final class DebugJson {
    private DebugJson() {}

    static String of(Investigation found) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("format", "neurflow-debug").put("version", 1);
        json.put("model", found.model().name())
                .put("model_digest", found.model().digest());
        json.put("layer", found.layer().name()).put("class", found.target());
        ObjectNode settings = json.putObject("settings");
        found.settings().forEach(settings::put);
        found.culprit().ifPresentOrElse(v -> json.put("culprit", v.group().name()), () -> json.putNull("culprit"));
        ArrayNode images = json.putArray("images");
        for (Prediction prediction : found.predictions()) {
            ObjectNode image = images.addObject();
            image.put("name", prediction.image().name())
                    .put("digest", prediction.image().digest());
            prediction(image, prediction);
            ArrayNode groups = image.putArray("groups");
            found.scores()
                    .groups()
                    .forEach(group -> firing(groups.addObject(), found.scores().firing(group, prediction.image())));
        }
        ArrayNode verdicts = json.putArray("groups");
        found.verdicts().forEach(verdict -> verdict(verdicts.addObject(), verdict));
        ArrayNode masks = json.putArray("smallest_masks");
        found.smallestMasks().forEach(mask -> smallest(masks.addObject(), mask));
        return json.toPrettyString() + "\n";
    }

    private static void prediction(ObjectNode json, Prediction prediction) {
        json.put("predicted", prediction.top())
                .put("probability", prediction.probability())
                .put("logit", prediction.logit());
    }

    private static void firing(ObjectNode json, GroupFiring firing) {
        json.put("group", firing.group().name())
                .put("highest", firing.highest())
                .put("whole", firing.whole())
                .put("fires", firing.fires());
        Patch best = firing.best();
        json.putObject("window").put("top", best.top()).put("left", best.left()).put("size", best.size());
    }

    private static void verdict(ObjectNode json, GroupVerdict verdict) {
        MaskEffect effect = verdict.effect();
        json.put("group", verdict.group().name());
        neurons(json, effect.masked());
        json.put("share_firing", verdict.shareFiring()).put("mean_highest", verdict.meanHighest());
        verdict.separation().ifPresentOrElse(auc -> json.put("auc", auc), () -> json.putNull("auc"));
        json.put("probability_drop", effect.meanProbabilityDrop())
                .put("logit_drop", effect.meanLogitDrop())
                .put("flips", effect.flips())
                .put("p_adjusted", verdict.adjustedP());
        effect.control().ifPresent(control -> json.putObject("random_masks")
                .put("draws", control.draws())
                .put("seed", control.seed())
                .put("pool", control.pool().name())
                .put("activation_ratio", control.activationRatio())
                .put("probability_drop", control.meanProbabilityDrop())
                .put("logit_drop", control.meanLogitDrop())
                .put("flips", control.meanFlips())
                .put("p", control.pValue())
                .put("p_of_probability", control.pProbability()));
        ArrayNode changes = json.putArray("changes");
        for (MaskChange change : effect.byLogitDrop()) {
            ObjectNode one = changes.addObject();
            one.put("image", change.before().image().name());
            prediction(one.putObject("before"), change.before());
            prediction(one.putObject("after"), change.after());
        }
    }

    private static void neurons(ObjectNode json, List<Neuron> neurons) {
        ArrayNode channels = json.putArray("neurons");
        neurons.forEach(neuron -> channels.add(neuron.channel()));
    }

    private static void smallest(ObjectNode json, SmallestMask mask) {
        json.put("image", mask.change().before().image().name());
        json.put("flips", mask.flips());
        neurons(json, mask.mask());
        json.put("candidates", mask.candidates()).put("proven_smallest", mask.proven());
        prediction(json.putObject("before"), mask.change().before());
        prediction(json.putObject("after"), mask.change().after());
    }
}
