package io.neurflow.core.image;

import static io.neurflow.core.image.TestPictures.drawn;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.IntUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteResizeTest {
    @Test
    void everyGoldenPngGivesTheGoldenCropByteForByte() {
        int seen = 0;
        for (JsonNode each : TestPictures.GOLDEN.json("case").get("sources")) {
            Pixels source = TestPictures.decoded(each.get("source").asText());
            assertThat(source.width).isEqualTo(each.get("size").get(0).asInt());
            assertThat(source.height).isEqualTo(each.get("size").get(1).asInt());
            Pixels expected = TestPictures.decoded(each.get("crop").asText());
            assertThat(ByteResize.crop(source, 256, 224).rgb)
                    .as(each.get("source").asText())
                    .isEqualTo(expected.rgb);
            seen++;
        }
        assertThat(seen).isEqualTo(11);
    }

    @Property(tries = 200, seed = "1")
    void resizingEqualsItsPlainTwin(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int newWidth,
            @ForAll @IntRange(min = 1, max = 40) int newHeight) {
        Pixels picture = drawn(width, height, width * 41 + height);
        assertThat(ByteResize.resize(picture, newWidth, newHeight).rgb)
                .isEqualTo(plain(picture, newWidth, newHeight).rgb);
    }

    @Property(tries = 200, seed = "2")
    void croppingEqualsResizingAllAndThenCutting(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 30) int resize,
            @ForAll @IntRange(min = 1, max = 30) int side) {
        Pixels picture = drawn(width, height, width * 41 + height);
        assertThat(ByteResize.crop(picture, resize, side).rgb).isEqualTo(plainCrop(picture, resize, side));
    }

    /** Numbers from torchvision 0.14: CenterCrop(4) of pictures whose pixel in row y, column x is 10 y + x + 1. */
    @ParameterizedTest
    @CsvSource({"3, 3, 1", "5, 5, 1", "7, 7, 23", "6, 6, 12", "9, 9, 23"})
    void offsetsOfTheCropAreHalvesToEvenAndSmallPicturesArePaddedWithBlack(int width, int height, int first) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height * 3; i++) {
            rgb[i] = (byte) (i / 3 / width * 10 + i / 3 % width + 1);
        }
        assertThat(ByteResize.crop(new Pixels(width, height, rgb), width, 4).rgb[0])
                .isEqualTo((byte) first);
    }

    @Test
    void aPanoramaCostsNoMoreThanItsCrop() {
        Pixels picture = drawn(60_000, 1, 3);
        assertThat(ByteResize.crop(picture, 256, 224).rgb).hasSize(224 * 224 * 3);
    }

    @Test
    void theLongSideIsRoundedDown() {
        assertThat(ByteResize.longSide(256, 331, 257)).isEqualTo(329);
        assertThat(ByteResize.longSide(256, 503, 301)).isEqualTo(427);
    }

    /** Pads, crops and resizes as torchvision's two functions do, one after the other. */
    private static byte[] plainCrop(Pixels picture, int resize, int side) {
        boolean wide = picture.width > picture.height;
        int longer = (int)
                ((double) (resize * Math.max(picture.width, picture.height)) / Math.min(picture.width, picture.height));
        Pixels at = plain(picture, wide ? longer : resize, wide ? resize : longer);
        if (side > at.width || side > at.height) {
            int left = side > at.width ? (side - at.width) / 2 : 0;
            int top = side > at.height ? (side - at.height) / 2 : 0;
            int w = Math.max(side, at.width);
            int h = Math.max(side, at.height);
            byte[] padded = new byte[w * h * 3];
            for (int y = 0; y < at.height; y++) {
                System.arraycopy(at.rgb, y * at.width * 3, padded, ((top + y) * w + left) * 3, at.width * 3);
            }
            at = new Pixels(w, h, padded);
        }
        int top = (int) Math.rint((at.height - side) / 2.0);
        int left = (int) Math.rint((at.width - side) / 2.0);
        return at.window(top, left, side, side).rgb;
    }

    private static Pixels plain(Pixels picture, int width, int height) {
        byte[] wide = new byte[width * picture.height * 3];
        for (int y = 0; y < picture.height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    int row = y;
                    int colour = c;
                    wide[(y * width + x) * 3 + c] = at(
                            picture.width,
                            width,
                            x,
                            from -> picture.rgb[(row * picture.width + from) * 3 + colour] & 0xff);
                }
            }
        }
        byte[] result = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < width * 3; i++) {
                int column = i;
                result[y * width * 3 + i] =
                        at(picture.height, height, y, from -> wide[from * width * 3 + column] & 0xff);
            }
        }
        return new Pixels(width, height, result);
    }

    /** One value of the result, as the reference spells it out. */
    private static byte at(int in, int out, int i, IntUnaryOperator values) {
        if (in == out) {
            return (byte) values.applyAsInt(i);
        }
        double scale = (double) in / out;
        double support = Math.max(scale, 1);
        double centre = (i + 0.5) * scale;
        int first = Math.max((int) (centre - support + 0.5), 0);
        int last = Math.min((int) (centre + support + 0.5), in);
        double total = 0;
        for (int s = first; s < last; s++) {
            total += Math.max(0, 1 - Math.abs((s - centre + 0.5) / support));
        }
        long sum = 1L << 21;
        for (int s = first; s < last; s++) {
            double weight = Math.max(0, 1 - Math.abs((s - centre + 0.5) / support)) / total;
            sum += (long) Math.floor(weight * (1 << 22) + 0.5) * values.applyAsInt(s);
        }
        return (byte) Math.min(255, sum >> 22);
    }
}
