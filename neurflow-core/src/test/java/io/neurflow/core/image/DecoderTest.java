package io.neurflow.core.image;

import static io.neurflow.core.image.TestPictures.ascii;
import static io.neurflow.core.image.TestPictures.bytes;
import static io.neurflow.core.image.TestPictures.chunk;
import static io.neurflow.core.image.TestPictures.concat;
import static io.neurflow.core.image.TestPictures.decoded;
import static io.neurflow.core.image.TestPictures.drawn;
import static io.neurflow.core.image.TestPictures.encoded;
import static io.neurflow.core.image.TestPictures.golden;
import static io.neurflow.core.image.TestPictures.pngClaiming;
import static io.neurflow.core.image.TestPictures.tiffWithOrientation;
import static io.neurflow.core.image.TestPictures.withSegment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static final Decoder DECODER = new Decoder(true, 1L << 26);

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(DecoderTest.class.getResource("/images/" + name).toURI());
    }

    private static int[] differences(Pixels a, Pixels b) {
        assertThat(a.rgb).hasSameSizeAs(b.rgb);
        int[] differences = new int[a.rgb.length];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = Math.abs((a.rgb[i] & 0xff) - (b.rgb[i] & 0xff));
        }
        return differences;
    }

    /** No difference at all was measured with OpenJDK 17's own libjpeg; a runtime that links another may differ a little. */
    @ParameterizedTest
    @CsvSource({"jpeg444, 2, 0.01", "jpeg420, 4, 0.2"})
    void jpegFilesAreWithinAFewLevelsOfPillowsDecoding(String name, int most, double mean) {
        int[] differences = differences(decoded(name + ".jpg"), decoded(name + ".decoded.png"));
        assertThat(Arrays.stream(differences).max().getAsInt()).isLessThanOrEqualTo(most);
        assertThat(Arrays.stream(differences).average().getAsDouble()).isLessThan(mean);
    }

    /** Drawn with Pillow 9.4, and decoded by it; ycck.jpg is cmyk.jpg with the Adobe transform set to 2. */
    @ParameterizedTest
    @ValueSource(strings = {"cmyk", "ycck"})
    void printColoursAreMixedAsPillowMixesThem(String name) throws URISyntaxException {
        int[] differences =
                differences(decoded(bytes(resource(name + ".jpg"))), decoded(bytes(resource(name + ".decoded.png"))));
        assertThat(Arrays.stream(differences).max().getAsInt()).isLessThanOrEqualTo(2);
    }

    @Test
    void greyStaysAsStoredWithoutAGamma() {
        BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 256; x++) {
            grey.getRaster().setSample(x, 0, 0, x);
        }
        Pixels png = decoded(encoded(grey, "png"));
        for (int x = 0; x < 256; x++) {
            assertThat(Arrays.copyOfRange(png.rgb, 3 * x, 3 * x + 3)).containsOnly((byte) x);
        }
        BufferedImage flat = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 64; i++) {
            flat.getRaster().setSample(i % 8, i / 8, 0, 57);
        }
        assertThat(decoded(encoded(flat, "jpg")).rgb).containsOnly((byte) 57);
    }

    @Test
    void ofSixteenBitsTheUpperEightAreTaken() {
        BufferedImage grey = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        grey.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 0x7fff, 0xffff});
        assertThat(decoded(encoded(grey, "png")).rgb).containsExactly(0, 0, 0, 0x7f, 0x7f, 0x7f, 0xff, 0xff, 0xff);
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
        raster.setPixel(0, 0, new int[] {0x1234, 0xff01, 0x00ff});
        assertThat(decoded(encoded(new BufferedImage(model, raster, false, null), "png")).rgb)
                .containsExactly(0x12, 0xff, 0x00);
    }

    @ParameterizedTest
    @CsvSource({"1, 255", "2, 170", "4, 187"})
    void greyOfFewBitsIsSpreadOverTheByte(int bits, int expected) {
        // One pixel with the highest bit (or bits 10, 1011) set, written chunk by chunk.
        int stored = bits == 1 ? 0x80 : bits == 2 ? 0x80 : 0xb0;
        byte[] header = {0, 0, 0, 1, 0, 0, 0, 1, (byte) bits, 0, 0, 0, 0};
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[] {0, (byte) stored});
        deflater.finish();
        byte[] buffer = new byte[100];
        byte[] data = Arrays.copyOf(buffer, deflater.deflate(buffer));
        deflater.end();
        byte[] png = concat(PngFile.SIGNATURE, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new byte[0]));
        assertThat(decoded(png).rgb).containsOnly((byte) expected);
    }

    @Test
    void aBlackAndWhitePngIsBlackAndWhite() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
        image.getRaster().setSample(1, 0, 0, 1);
        assertThat(decoded(encoded(image, "png")).rgb).containsExactly(0, 0, 0, 0xff, 0xff, 0xff);
    }

    @Test
    void transparentPixelsKeepTheirColour() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00102030);
        assertThat(decoded(encoded(image, "png")).rgb).containsExactly(0x10, 0x20, 0x30);
    }

    /** The rows of a 2 x 3 picture a b / c d / e f, as shown for each orientation (EXIF 2.3, tag 274). */
    @ParameterizedTest
    @CsvSource({
        "1, ab/cd/ef",
        "2, ba/dc/fe",
        "3, fe/dc/ba",
        "4, ef/cd/ab",
        "5, ace/bdf",
        "6, eca/fdb",
        "7, fdb/eca",
        "8, bdf/ace"
    })
    void orientationTurnsThePictureAsPeopleSeeIt(int orientation, String expected) {
        byte[] rgb = new byte[18];
        for (int i = 0; i < 18; i++) {
            rgb[i] = (byte) ('a' + i / 3);
        }
        Pixels shown = new Pixels(2, 3, rgb).upright(orientation);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            text.append(i > 0 && i % shown.width == 0 ? "/" : "").append((char) shown.rgb[3 * i]);
        }
        assertThat(text).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void orientationIsReadFromJpegAndPngAndAppliedUnlessTurnedOff(boolean little) throws UnusableImageException {
        byte[] tiff = tiffWithOrientation(6, little);
        byte[] plain = encoded(drawn(16, 8, 1).toImage(), "jpg");
        byte[] jpeg = withSegment(plain, 0xe1, concat(ascii("Exif\0\0"), tiff));
        assertThat(decoded(jpeg).width).isEqualTo(8);
        assertThat(decoded(jpeg).rgb).isEqualTo(decoded(plain).upright(6).rgb);
        assertThat(new Decoder(false, 1000).decode(jpeg).rgb).isEqualTo(decoded(plain).rgb);
        byte[] png = encoded(drawn(16, 8, 1).toImage(), "png");
        byte[] turned = concat(Arrays.copyOf(png, 33), chunk("eXIf", tiff), Arrays.copyOfRange(png, 33, png.length));
        assertThat(decoded(turned).rgb).isEqualTo(drawn(16, 8, 1).upright(6).rgb);
    }

    @Test
    void brokenExifCountsAsUpright() {
        byte[] tiff = tiffWithOrientation(6, true);
        for (int length = 0; length < 20; length++) {
            assertThat(Exif.orientation(tiff, 0, length)).as("%s bytes", length).isEqualTo(1);
        }
        assertThat(Exif.orientation(tiffWithOrientation(9, true), 0, 26)).isEqualTo(1);
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            byte[] noise = new byte[40];
            random.nextBytes(noise);
            assertThat(Exif.orientation(noise, 0, 40)).isBetween(1, 8);
        }
    }

    @Test
    void aBrokenColourProfileDoesNoHarm() {
        byte[] plain = bytes(golden("jpeg444.jpg"));
        byte[] broken = withSegment(plain, 0xe2, concat(ascii("ICC_PROFILE\0"), new byte[] {1, 1, 9, 9, 9}));
        assertThat(decoded(broken).rgb).isEqualTo(decoded(plain).rgb);
    }

    @Test
    void aJpegThatSaysItIsRgbIsNotConverted() {
        byte[] jpeg = encoded(drawn(8, 8, 2).toImage(), "jpg");
        int jfif = 2;
        int length = ((jpeg[jfif + 2] & 0xff) << 8) + (jpeg[jfif + 3] & 0xff);
        byte[] bare = concat(Arrays.copyOf(jpeg, 2), Arrays.copyOfRange(jpeg, jfif + 2 + length, jpeg.length));
        byte[] adobe = withSegment(bare, 0xee, concat(ascii("Adobe"), new byte[] {0, 100, 0, 0, 0, 0, 0}));
        assertThat(decoded(bare).rgb).isEqualTo(decoded(jpeg).rgb);
        assertThat(decoded(adobe).rgb).isNotEqualTo(decoded(jpeg).rgb);
    }

    @Test
    void theKindIsToldByTheBytesAndNotByTheName() {
        assertThatThrownBy(() -> DECODER.decode(ascii("hello, world, this is text")))
                .hasMessage("neither JPEG nor PNG, whatever its name: it begins with 'hello, world'");
        assertThatThrownBy(() -> DECODER.decode(new byte[0])).hasMessage("an empty file of 0 bytes");
    }

    @Test
    void absurdExtentsAreRefusedBeforeAnythingIsAllocated() {
        assertThatThrownBy(() -> DECODER.decode(pngClaiming(60_000, 60_000)))
                .hasMessage("declares 60000x60000 pixels, but at least 1x1 and at most 67108864 in all are read;"
                        + " scale it down or raise the pixel limit");
        assertThatThrownBy(() -> DECODER.decode(pngClaiming(-1, 1))).hasMessageStartingWith("declares 4294967295x1");
        assertThatThrownBy(() -> DECODER.decode(pngClaiming(0, 10))).hasMessageStartingWith("declares 0x10");
        byte[] jpeg = bytes(golden("jpeg444.jpg"));
        for (int at = 2; ; at++) {
            if (jpeg[at] == (byte) 0xff && jpeg[at + 1] == (byte) 0xc0) {
                Arrays.fill(jpeg, at + 5, at + 9, (byte) 0xea);
                break;
            }
        }
        assertThatThrownBy(() -> DECODER.decode(jpeg)).hasMessageStartingWith("declares 60138x60138");
    }

    @ParameterizedTest
    @ValueSource(strings = {"small.png", "palette.png", "progressive.jpg", "jpeg444.jpg", "cmyk.jpg"})
    void aFileCutOffAnywhereIsAnErrorOfOneLineUnlessNothingOfThePictureIsLost(String name) throws URISyntaxException {
        byte[] whole = Files.exists(golden(name)) ? bytes(golden(name)) : bytes(resource(name));
        Pixels expected = decoded(whole);
        int accepted = 0;
        for (int length = 0; length < whole.length; length += length < whole.length - 100 ? 1 + length / 20 : 1) {
            try {
                Pixels pixels = DECODER.decode(Arrays.copyOf(whole, length));
                assertThat(pixels.rgb).as("%s cut to %s", name, length).isEqualTo(expected.rgb);
                accepted++;
            } catch (UnusableImageException e) {
                assertThat(e.getMessage()).hasLineCount(1).isNotBlank();
            }
        }
        assertThat(accepted).isLessThanOrEqualTo(name.equals("jpeg444.jpg") || name.equals("cmyk.jpg") ? 4 : 0);
    }

    @Test
    void aJpegThatLacksNothingButItsEndMarkerIsRead() {
        byte[] whole = bytes(golden("jpeg420.jpg"));
        assertThat(decoded(Arrays.copyOf(whole, whole.length - 2)).rgb).isEqualTo(decoded(whole).rgb);
        assertThat(decoded(Arrays.copyOf(whole, whole.length - 1)).rgb).isEqualTo(decoded(whole).rgb);
        assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(whole, whole.length * 2 / 3)))
                .hasMessageContaining("a part is lost");
        assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(whole, 100)))
                .hasMessageContaining("a truncated JPEG file");
    }

    /** Bytes changed at random (seed 3): a picture, perhaps a wrong one, or a clear error, but nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"jpeg444.jpg", "small.png"})
    void corruptFilesGiveAPictureOrAnErrorOfOneLine(String name) {
        byte[] whole = bytes(golden(name));
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            byte[] corrupt = whole.clone();
            for (int j = 0; j < 4; j++) {
                corrupt[random.nextInt(j % 2 == 0 ? whole.length : 700)] = (byte) random.nextInt();
            }
            try {
                DECODER.decode(corrupt);
            } catch (UnusableImageException e) {
                assertThat(e.getMessage()).hasLineCount(1).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(50);
    }

    @Test
    void jpegDataThatEndsTooSoonInsideAWholeFileIsAnError() {
        byte[] whole = bytes(golden("jpeg444.jpg"));
        byte[] holed = concat(Arrays.copyOf(whole, whole.length / 2), new byte[] {(byte) 0xff, (byte) 0xd9});
        assertThatThrownBy(() -> DECODER.decode(holed)).hasMessageContaining("a part is lost");
    }

    @Test
    void whatFollowsTheEndOfAJpegIsIgnored() {
        byte[] plain = bytes(golden("jpeg444.jpg"));
        assertThat(decoded(concat(plain, ascii("a video, say"))).rgb).isEqualTo(decoded(plain).rgb);
    }
}
