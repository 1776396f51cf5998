package io.neurflow.core.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.Neuron;
import io.neurflow.api.NeuronGroup;
import io.neurflow.core.CircuitBuilder;
import io.neurflow.core.CoreConceptFinder;
import io.neurflow.core.Preset;
import io.neurflow.core.debug.ConceptConfidence;
import io.neurflow.core.debug.ConfidenceRule;
import io.neurflow.core.debug.CropScores;
import io.neurflow.core.debug.ImageDebugger;
import io.neurflow.core.debug.MaskChange;
import io.neurflow.core.debug.MaskEffect;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.image.ImagePatches;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.samediff.SameDiffProbe;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** M, masked predictions and logit drops of the golden cases come out. */
class GoldenApplicationsTest {
    private static final double TOLERANCE = 1e-3;

    @ParameterizedTest
    @ValueSource(strings = {"tiny-paper", "tiny-authors-code"})
    void imageDebuggingAgreesWithTheSlowReference(String name) {
        GoldenCase golden = GoldenCase.tiny(name);
        JsonNode settings = golden.json("case").get("settings");
        JsonNode layers = golden.json("case").get("circuit_layers");
        boolean below = settings.get("space").asText().equals("layer_below");
        ImagePatches patches = GoldenCircuit.patches(golden);
        try (SameDiffProbe probe = SameDiffProbe.open(
                OnnxImporter.read(golden.folder().resolve("model.onnx")), LayerPlan.of(GoldenCircuit.layers(golden)))) {
            ConceptCircuit circuit = CircuitBuilder.using(CoreConceptFinder.over(probe)
                            .topPatches(settings.get("k").asInt())
                            .maxCoreNeurons(settings.get("tau").asInt())
                            .integrationSteps(settings.get("steps").asInt()))
                    .preset(below ? Preset.AUTHORS_CODE : Preset.PAPER)
                    .downTo(probe.layer(layers.get(layers.size() - 1).asText()))
                    .build(
                            probe.logits()
                                    .neuron(golden.json("case").get("class").asInt()),
                            patches);
            JsonNode applications = golden.json("applications");
            int checked = 0;
            for (JsonNode group : applications.get("groups")) {
                if (!group.get("layer").asText().equals(probe.logits().name())) {
                    check(probe, circuit, patches, group);
                    checked++;
                }
            }
            assertThat(checked).isGreaterThan(3);
        }
    }

    private static void check(SameDiffProbe probe, ConceptCircuit circuit, ImagePatches patches, JsonNode expected) {
        ImageDebugger debugger =
                ImageDebugger.of(probe, circuit).layer(expected.get("layer").asText());
        NeuronGroup group = debugger.group("G" + expected.get("group").asInt());
        assertThat(ConceptConfidence.of(circuit, group).neurons().stream()
                        .map(Neuron::channel)
                        .toList())
                .isEqualTo(ints(expected.get("nearest")));
        metric(debugger.rule(ConfidenceRule.ABS).score(patches), group, expected, "abs");
        metric(debugger.rule(ConfidenceRule.RELU_CLIPPED).score(patches), group, expected, "clipped");
        MaskEffect effect = debugger.draws(20).mask(group, patches);
        for (int i = 0; i < effect.changes().size(); i++) {
            MaskChange change = effect.changes().get(i);
            assertThat(change.after().logit()).isCloseTo(number(expected, "masked_logit", i), offset(TOLERANCE));
            assertThat(change.after().probability())
                    .isCloseTo(number(expected, "masked_probability", i), offset(TOLERANCE));
            assertThat(change.after().top()).isEqualTo((int) number(expected, "masked_top", i));
            assertThat(change.logitDrop()).isCloseTo(number(expected, "drop", i), offset(TOLERANCE));
        }
        assertThat(effect.byLogitDrop().stream()
                        .map(change -> change.before().patch())
                        .toList())
                .isEqualTo(ints(expected.get("order")));
        if (!expected.has("drop_over_all_patches")) {
            return;
        }
        List<Integer> hardest = ints(expected.get("drop_over_all_patches").get("order"));
        assertThat(debugger.maskEverywhere(group, patches).byLogitDrop().stream()
                        .limit(hardest.size())
                        .map(change -> change.before().patch())
                        .toList())
                .isEqualTo(hardest);
    }

    private static void metric(CropScores scores, NeuronGroup group, JsonNode expected, String rule) {
        for (int i = 0; i < scores.images().size(); i++) {
            var firing = scores.firing(group, scores.images().get(i));
            JsonNode best = expected.get("metric_best_patch").get(rule).get(i);
            assertThat(firing.whole())
                    .isCloseTo(expected.get("metric").get(rule).get(i).asDouble(), offset(TOLERANCE));
            assertThat(firing.highest()).isCloseTo(best.get(1).asDouble(), offset(TOLERANCE));
            assertThat(scores.score(group, best.get(0).asInt())).isCloseTo(firing.highest(), offset(TOLERANCE));
        }
    }

    private static double number(JsonNode expected, String field, int i) {
        return expected.get(field).get(i).asDouble();
    }

    private static List<Integer> ints(JsonNode values) {
        return Streams.stream(values).map(JsonNode::asInt).toList();
    }
}
