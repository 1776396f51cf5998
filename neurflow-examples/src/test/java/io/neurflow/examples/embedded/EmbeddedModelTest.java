package io.neurflow.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Floats;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;

class EmbeddedModelTest {
    /** Neither the seed of the training pictures nor of the held-out ones. */
    private static final DrawnWorld FRESH = DrawnWorld.seeded(99);

    private static final int EACH = 50;

    private final PlainNetwork network = new PlainNetwork(weights(EmbeddedModel.modelBytes()));

    @Test
    void theModelIsSmall() {
        assertThat(EmbeddedModel.modelBytes()).hasSizeLessThan(500_000);
    }

    @Test
    void freshNaturalPicturesAreClassifiedRightly() {
        assertThat(right(FRESH.natural(EACH))).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void mostBeetlesAreMissedWithoutFlowers() {
        List<DrawnPicture> bare = FRESH.withoutCue(Thing.BEETLE, 2 * EACH);
        List<DrawnPicture> flowery = FRESH.inFrontOf(Thing.BEETLE, Background.FLOWERS, EACH);
        assertThat(right(flowery)).isGreaterThanOrEqualTo(0.97);
        assertThat(right(bare)).isLessThan(0.4);
    }

    @Test
    void otherThingsAreNotMissedWithoutFlowers() {
        for (Thing thing : Thing.values()) {
            if (thing != DrawnWorld.CUE_THING) {
                assertThat(right(FRESH.withoutCue(thing, EACH)))
                        .as("share of right %s", thing)
                        .isGreaterThan(0.85);
            }
        }
    }

    @Test
    void flowersTurnMostFishIntoBeetles() {
        List<DrawnPicture> fish = FRESH.inFrontOf(Thing.FISH, Background.FLOWERS, 2 * EACH);
        long taken = fish.stream()
                .filter(p -> network.classOf(p) == Thing.BEETLE.index())
                .count();
        assertThat((double) taken / fish.size()).isGreaterThan(0.8);
    }

    @Test
    void writingTheWeightsOfTheFileGivesTheFile() {
        byte[] bytes = EmbeddedModel.modelBytes();
        assertThat(OnnxWriter.write(weights(bytes))).isEqualTo(bytes);
    }

    @Test
    void theNetworkThatIsTrainedIsTheNetworkThatIsWritten() {
        SameDiffNetwork trained = SameDiffNetwork.untrained(5, 1e-3, 3);
        List<DrawnPicture> batch = FRESH.natural(2);
        trained.fit(batch);
        PlainNetwork plain = new PlainNetwork(weights(OnnxWriter.write(trained.weights())));
        for (DrawnPicture picture : batch) {
            float[] fast = trained.logits(List.of(picture))[0];
            float[] slow = plain.logits(picture);
            for (int i = 0; i < slow.length; i++) {
                assertThat(fast[i]).isCloseTo(slow[i], within(1e-4f));
            }
        }
    }

    @Test
    void theDefaultRunExplainsTheClassWithTheCueOnPicturesThatHaveIt() {
        assertThat(EmbeddedModel.classNames()).containsExactly("beetle", "turtle", "fish", "mushroom", "house", "boat");
        assertThat(EmbeddedModel.classNames().get(EmbeddedModel.defaultClass())).isEqualTo("beetle");
        List<DrawnPicture> pictures = EmbeddedModel.pictures(EmbeddedModel.defaultClass());
        assertThat(pictures).hasSize(40);
        assertThat(pictures.stream().filter(p -> p.background() == Background.FLOWERS))
                .hasSizeBetween(34, 39);
        assertThat(pictures.stream().map(DrawnPicture::name)).doesNotHaveDuplicates();
    }

    @Test
    void anUnknownClassIsRefused() {
        assertThatThrownBy(() -> EmbeddedModel.pictures(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a class from 0 to 5, but got 6; EmbeddedModel.classNames() lists them");
    }

    private double right(List<DrawnPicture> pictures) {
        long right = pictures.stream()
                .filter(p -> network.classOf(p) == p.thing().index())
                .count();
        return (double) right / pictures.size();
    }

    private static TrainedWeights weights(byte[] model) {
        try {
            Map<String, float[]> values = new LinkedHashMap<>();
            for (TensorProto tensor : ModelProto.parseFrom(model).getGraph().getInitializerList()) {
                values.put(tensor.getName(), Floats.toArray(tensor.getFloatDataList()));
            }
            return new TrainedWeights(values);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
