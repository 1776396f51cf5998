package io.neurflow.core.image;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.Layer;
import io.neurflow.api.ModelInfo;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Neuron;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.api.Shape;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassImagesTest {
    private static final Preprocessing PLAIN = Preprocessing.caffe().withSide(2);

    /** Its first logit is the blue value, the second the green one, the third the red one, each of the first pixel. */
    private record Colours(int preferredBatch) implements ModelProbe {
        @Override
        public ModelInfo info() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Shape inputShape() {
            return new Shape(3, 2, 2);
        }

        @Override
        public ImmutableList<Layer> layers() {
            return ImmutableList.of(new Layer("fc", 0, "toy", Shape.units(3)));
        }

        @Override
        public Tensor forward(Tensor inputs, Layer to) {
            double[] mean = {104, 117, 123};
            double[] logits = new double[inputs.count() * 3];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = inputs.at(i / 3, i % 3, 0, 0) + mean[i % 3];
            }
            return Tensor.ofDoubles(inputs.count(), Shape.units(3), logits);
        }

        @Override
        public Tensor forward(Layer from, Tensor activations, Layer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tensor gradient(Layer from, Tensor activations, Neuron target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static byte[] crop(String colour) {
        byte[] rgb = new byte[12];
        Arrays.fill(rgb, (byte) 10);
        rgb["rgb".indexOf(colour)] = (byte) 200;
        return rgb;
    }

    private static ImageSource colours(String text) {
        return ImageSource.ofCrops(
                IntStream.range(0, text.length()).mapToObj(i -> "#" + i).toList(),
                text.chars().mapToObj(c -> crop(String.valueOf((char) c))).toList(),
                PLAIN);
    }

    private static ImmutableList<String> names(ClassImages images) {
        return images.images().images().stream().map(SourceImage::name).collect(toImmutableList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void theImagesOfTheClassComeInOrderWhateverTheBatch(int batch) {
        ClassImages found = ClassImages.select(
                new Colours(batch), colours("rgbrrbgr"), 2, Integer.MAX_VALUE, ProgressListener.NONE);
        assertThat(names(found)).containsExactly("#0", "#3", "#4", "#7");
        assertThat(found.examined()).isEqualTo(8);
        assertThat(found.otherClass()).isEqualTo(4);
        assertThat(found.images().crop(1)).isEqualTo(crop("r"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void theSearchEndsOnceEnoughAreFoundWhateverTheBatch(int batch) {
        ClassImages found = ClassImages.select(new Colours(batch), colours("rgbrrbgr"), 2, 2, ProgressListener.NONE);
        assertThat(names(found)).containsExactly("#0", "#3");
        assertThat(found.examined()).isEqualTo(4);
        assertThat(found.otherClass()).isEqualTo(2);
        assertThat(found).hasToString("2 images of the class among 4, 2 of other classes, 0 unreadable");
    }

    @Test
    void equalLogitsGoToTheLowerClass() {
        byte[] grey = new byte[12];
        Arrays.fill(grey, (byte) 50);
        ImageSource source = ImageSource.ofCrops(List.of("grey"), List.of(grey), PLAIN);
        assertThat(names(ClassImages.select(new Colours(4), source, 0, 9, ProgressListener.NONE)))
                .containsExactly("grey");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void unreadableFilesAreListedAsFarAsTheSearchWent(int batch, @TempDir Path folder) throws IOException {
        String[] content = {"", "r", "", "b", "r", ""};
        for (int i = 0; i < content.length; i++) {
            byte[] bytes = content[i].isEmpty()
                    ? new byte[0]
                    : TestPictures.encoded(new Pixels(2, 2, crop(content[i])).toImage(), "png");
            Files.write(folder.resolve(i + ".png"), bytes);
        }
        ImageSource source = ImageSource.directory(folder, PLAIN);
        ClassImages one = ClassImages.select(new Colours(batch), source, 2, 1, ProgressListener.NONE);
        assertThat(one.unreadable().stream().map(ImageProblem::name)).containsExactly("0.png");
        ClassImages all = ClassImages.select(new Colours(batch), source, 2, 9, ProgressListener.NONE);
        assertThat(all.unreadable().stream().map(ImageProblem::name)).containsExactly("0.png", "2.png", "5.png");
        assertThat(all.images().problems()).isEqualTo(all.unreadable());
        assertThat(all.examined()).isEqualTo(3);
    }

    @Test
    void noImageOfTheClassIsAnErrorThatNamesTheClassesFoundInstead() {
        assertThatThrownBy(() -> ClassImages.select(new Colours(2), colours("rrbbb"), 1, 9, ProgressListener.NONE))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "expected images of class 1, but the model assigns none of 5 examined images to it, most often"
                                + " 0 (3), 2 (2) instead; check the class number (0 to 2) and the preprocessing ("
                                + PLAIN + ")");
    }

    @Test
    void argumentsThatCannotBeRightAreRefused() {
        assertThatThrownBy(() -> ClassImages.select(new Colours(2), colours("r"), 3, 9, ProgressListener.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a class between 0 and 2, but it is 3");
        ImageSource big = ImageSource.ofCrops(List.of("a"), List.of(new byte[27]), PLAIN.withSide(3));
        assertThatThrownBy(() -> ClassImages.select(new Colours(2), big, 0, 9, ProgressListener.NONE))
                .hasMessage("expected inputs of 3x2x2, but the preprocessing makes 3x3x3; call withSide on it");
    }

    @Test
    void progressIsToldAfterEveryBatch() {
        List<Progress> heard = new ArrayList<>();
        ClassImages.select(new Colours(2), colours("rgbrr"), 2, 9, heard::add);
        assertThat(heard.stream().map(Progress::done)).containsExactly(2L, 4L, 5L);
        assertThat(heard.get(0).total()).isEqualTo(5);
    }
}
