package io.neurflow.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
    @TempDir
    Path folder;

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("preprocessing.json"), json);
    }

    @Test
    void presetsAreKnownByName() {
        assertThat(Preprocessing.named("imagenet")).isEqualTo(Preprocessing.imageNet());
        assertThat(Preprocessing.named("caffe")).isEqualTo(Preprocessing.caffe());
        assertThat(Preprocessing.named("torch")).isEqualTo(Preprocessing.imageNet());
        assertThatThrownBy(() -> Preprocessing.named("tensorflow"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "there is no preprocessing 'tensorflow'; the known ones are 'imagenet', 'caffe', 'keras-caffe' and"
                                + " 'tf', others can be read from a JSON file");
    }

    @Test
    void thePresetsOfKerasAreWhatItsPreprocessInputComputes() {
        // keras.applications.imagenet_utils: mode 'tf' is x / 127.5 - 1 in RGB, mode 'caffe' BGR less the mean.
        double[][] tf = Preprocessing.named("tf").table();
        double[][] caffe = Preprocessing.named("keras-caffe").table();
        assertThat(Preprocessing.named("tf").order()).isEqualTo(ChannelOrder.RGB);
        assertThat(Preprocessing.named("keras-caffe").order()).isEqualTo(ChannelOrder.BGR);
        for (int b = 0; b < 256; b++) {
            assertThat(tf[1][b]).isEqualTo(b / 127.5 - 1);
            assertThat(caffe[0][b]).isEqualTo(b - 103.939);
            assertThat(caffe[2][b]).isEqualTo(b - 123.68);
        }
    }

    @Test
    void anotherSideKeepsTheShareThatIsCutOff() {
        assertThat(Preprocessing.imageNet().withSide(64).resize()).isEqualTo(73);
        assertThat(Preprocessing.imageNet().withSide(224)).isEqualTo(Preprocessing.imageNet());
        assertThat(Preprocessing.imageNet().withSide(64).withResize(64).shape()).isEqualTo(new Shape(3, 64, 64));
    }

    @Test
    void itDescribesItself() {
        assertThat(Preprocessing.caffe())
                .hasToString("shorter side 256, crop 224, BGR / 1.0, mean [104.0, 117.0, 123.0], std [1.0, 1.0, 1.0]");
    }

    @Test
    void aFileCanSayIt() throws IOException {
        String numbers = "\"divisor\": 255, \"mean\": [0.485, 0.456, 0.406], \"std\": [0.229, 0.224, 0.225]";
        assertThat(Preprocessing.read(file("{" + numbers + ", \"order\": \"RGB\"}")))
                .isEqualTo(Preprocessing.imageNet());
        assertThat(Preprocessing.read(file("{\"resize\": 70, \"side\": 64, " + numbers + ", \"order\": \"bgr\"}")))
                .returns(70, Preprocessing::resize)
                .returns(64, Preprocessing::side)
                .returns(ChannelOrder.BGR, Preprocessing::order);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|expected a JSON object with",
                "{\"divisr\": 1}|does not know [divisr], only [resize, side, divisor, mean, std, order]",
                "{\"divisor\": \"x\"}|expected a number for \"divisor\" (255 if the model takes 0..1), but it is \"x\"",
                "{\"divisor\": 1}|expected three numbers in the model's channel order for \"mean\", but it is not there",
                "{\"divisor\": 1, \"mean\": [1, 2]}|for \"mean\", but it is [1,2]",
                "{\"divisor\": 1, \"mean\": [1, 2, 3], \"std\": [1, 1, 1]}|expected \"RGB\" or \"BGR\" for \"order\", but it is ''",
                "{\"divisor\": 1, \"mean\": [1, 2, 3], \"std\": [1, 0, 1], \"order\": \"RGB\"}|expected three positive standard",
                "{\"side\": 2.5, \"divisor\": 1}|expected a whole number of pixels for \"side\", but it is 2.5",
                "{\"side\"|is not JSON"
            })
    void whatAFileGetsWrongIsNamed(String json, String message) throws IOException {
        Path file = file(json);
        assertThatThrownBy(() -> Preprocessing.read(file))
                .isInstanceOf(NeurflowException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Preprocessing.read(folder.resolve("none.json")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("none.json cannot be read");
    }
}
