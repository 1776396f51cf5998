package io.neurflow.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.api.Tensor;
import io.neurflow.core.Preset;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchGridTest {
    private static ImageSet landscape(Preprocessing preprocessing) {
        return ImageSource.files(List.of(TestPictures.golden("landscape.png")), preprocessing)
                .load();
    }

    private static Patch patch(JsonNode json) {
        return new Patch(
                json.get("index").asInt(),
                json.get("image").asInt(),
                json.get("fraction").asDouble(),
                json.get("top").asInt(),
                json.get("left").asInt(),
                json.get("size").asInt());
    }

    @Test
    void thePatchTableOfTwoImagesIsTheGoldenOne() {
        ImmutableList.Builder<Patch> expected = ImmutableList.builder();
        for (JsonNode each : TestPictures.GOLDEN.json("case").get("patch_table_of_two_images")) {
            expected.add(patch(each));
        }
        assertThat(PatchGrid.paper().patches(2, 224))
                .isEqualTo(expected.build())
                .hasSize(118)
                .isEqualTo(PatchGrid.paper().withBorderWindows().patches(2, 224));
    }

    @ParameterizedTest
    @CsvSource({"imagenet", "caffe"})
    void normalisedInputsAreTheGoldenOnes(String preset) {
        Tensor input = landscape(Preprocessing.named(preset)).input(0);
        double[] expected = TestPictures.GOLDEN.array("landscape_" + preset).values();
        assertThat(input.toDoubles()).isEqualTo(expected);
    }

    @Test
    void enlargedPatchesAreTheGoldenOnes() {
        ImagePatches patches = PatchGrid.paper().cut(landscape(Preprocessing.imageNet()));
        int[] indices = new int[2];
        JsonNode json = TestPictures.GOLDEN.json("case").get("patches");
        for (int i = 0; i < 2; i++) {
            // The golden numbers are of the table of one image.
            Patch golden = patch(json.get(i));
            indices[i] = golden.index();
            assertThat(patches.patches().get(golden.index())).isEqualTo(golden);
        }
        double[] actual = patches.inputs(ImmutableIntArray.copyOf(indices)).toDoubles();
        double[] expected =
                TestPictures.GOLDEN.array("landscape_imagenet_patches").values();
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        }
        assertThat(worst).isLessThan(3e-7); // one unit in the last place of a float
    }

    @Test
    void everyPatchEqualsItsPlainTwin() {
        Preprocessing preprocessing = Preprocessing.imageNet().withSide(20);
        Pixels drawn = TestPictures.drawn(20, 20, 5);
        ImageSet set = ImageSource.ofCrops(List.of("drawn"), List.of(drawn.rgb), preprocessing)
                .load();
        ImagePatches patches = PatchGrid.paper()
                .fractions(1, 0.7, 0.3, 0.05)
                .withBorderWindows()
                .cut(set);
        double[] whole = set.input(0).toDoubles();
        for (Patch patch : patches.patches()) {
            double[] fast = patches.inputs(ImmutableIntArray.of(patch.index())).toDoubles();
            for (int i = 0; i < 1200; i++) {
                double slow = plain(whole, 20, patch, i / 400, i / 20 % 20, i % 20);
                assertThat(fast[i]).as("%s %s", patch, i).isCloseTo(slow, within(1e-6));
            }
        }
    }

    /** The reference's formula for one value. */
    private static double plain(double[] image, int side, Patch p, int channel, int row, int column) {
        double y = Math.max(0, (row + 0.5) * p.size() / side - 0.5);
        double x = Math.max(0, (column + 0.5) * p.size() / side - 0.5);
        double sum = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                int atY = p.top() + Math.min((int) y + dy, p.size() - 1);
                int atX = p.left() + Math.min((int) x + dx, p.size() - 1);
                double weightY = dy == 0 ? 1 - (y - (int) y) : y - (int) y;
                double weightX = dx == 0 ? 1 - (x - (int) x) : x - (int) x;
                sum += weightY * weightX * image[(channel * side + atY) * side + atX];
            }
        }
        return sum;
    }

    @Test
    void aGridThatLeavesARestGetsBorderWindowsOnlyWhenAsked() {
        PatchGrid grid = PatchGrid.paper().fractions(0.5);
        assertThat(grid.patches(1, 13).stream().map(Patch::left).distinct()).containsExactly(0, 3, 6);
        assertThat(grid.withBorderWindows().patches(1, 13).stream()
                        .map(Patch::left)
                        .distinct())
                .containsExactly(0, 3, 6, 7);
    }

    @Test
    void strideIsAShareOfTheWindowButNeverSkipsTheBorderNorStandsStill() {
        assertThat(PatchGrid.paper().fractions(0.5).stride(1).patches(1, 8)).hasSize(4);
        assertThat(PatchGrid.paper().fractions(0.9).patches(1, 10)).hasSize(4);
        assertThat(PatchGrid.paper().fractions(0.1).patches(1, 10)).hasSize(100);
    }

    @Test
    void fractionsThatMakeNoWindowAreRefused() {
        assertThatThrownBy(() -> PatchGrid.paper().fractions(1, 1))
                .hasMessage("expected distinct fractions above 0 and up to 1, but they are [1.0, 1.0]");
        assertThatThrownBy(() -> PatchGrid.paper().fractions(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PatchGrid.paper().stride(0)).hasMessageContaining("but it is 0.0");
        assertThatThrownBy(() -> PatchGrid.paper().fractions(0.01).patches(1, 20))
                .hasMessage("expected windows of at least 1 pixel, but a fraction is too small for a side of 20");
    }

    @Test
    void picturesShowTheWindowOfTheCropAndTheWholeCrop() {
        Pixels drawn = TestPictures.drawn(8, 8, 6);
        ImagePatches patches = PatchGrid.paper()
                .cut(ImageSource.ofCrops(
                        List.of("a"), List.of(drawn.rgb), Preprocessing.caffe().withSide(8)));
        Patch patch = patches.patches().stream()
                .filter(p -> p.top() == 2 && p.left() == 4)
                .findFirst()
                .get();
        BufferedImage picture = patches.picture(patch, patch.size());
        int at = (2 * 8 + 4) * 3;
        int expected = ((drawn.rgb[at] & 0xff) << 16) | ((drawn.rgb[at + 1] & 0xff) << 8) | (drawn.rgb[at + 2] & 0xff);
        assertThat(picture.getRGB(0, 0) & 0xffffff).isEqualTo(expected);
        assertThat(patches.picture(patches.images().get(0), 30).getWidth()).isEqualTo(30);
        assertThatThrownBy(() -> patches.picture(new SourceImage(0, "b", ""), 30))
                .hasMessageContaining("expected an image of this set");
    }

    @Test
    void theRecommendedGridReachesTheBorderAndTheOthersAreThePapers() {
        assertThat(PatchGrid.of(Preset.PAPER).patches(1, 227))
                .isEqualTo(PatchGrid.paper().patches(1, 227))
                .isEqualTo(PatchGrid.of(Preset.AUTHORS_CODE).patches(1, 227));
        assertThat(PatchGrid.of(Preset.RECOMMENDED).patches(1, 227))
                .isEqualTo(PatchGrid.paper().withBorderWindows().patches(1, 227))
                .isNotEqualTo(PatchGrid.paper().patches(1, 227));
    }
}
