package io.neurflow.core.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.neurflow.core.golden.GoldenCase;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Picture files for tests: the golden ones, and ones that are made by code. */
final class TestPictures {
    static final GoldenCase GOLDEN = GoldenCase.tiny("preprocessing");

    private TestPictures() {}

    static Path golden(String name) {
        return GOLDEN.folder().resolve(name);
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Pixels decoded(byte[] bytes) {
        try {
            return new Decoder(true, 1L << 26).decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Pixels decoded(String golden) {
        return decoded(bytes(golden(golden)));
    }

    static byte[] encoded(BufferedImage image, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, format, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A picture in which no two neighbours are alike and no symmetry is left. */
    static Pixels drawn(int width, int height, int seed) {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).nextBytes(rgb);
        return new Pixels(width, height, rgb);
    }

    /** A JPEG file with an application segment put right behind its start. */
    static byte[] withSegment(byte[] jpeg, int marker, byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.write(0xff);
        out.write(marker);
        out.write((data.length + 2) >> 8);
        out.write(data.length + 2);
        out.writeBytes(data);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    /** EXIF data with nothing but an orientation, in either byte order. */
    static byte[] tiffWithOrientation(int orientation, boolean little) {
        byte o = (byte) orientation;
        return little
                ? new byte[] {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, o, 0, 0, 0, 0, 0, 0, 0}
                : new byte[] {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, o, 0, 0, 0, 0, 0, 0};
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    /** A PNG chunk with its length and checksum. */
    static byte[] chunk(String type, byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(ascii(type));
        crc.update(data);
        return concat(bigEndian(data.length), ascii(type), data, bigEndian((int) crc.getValue()));
    }

    static byte[] bigEndian(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    /** A PNG file of 0 bits of picture that claims an extent. */
    static byte[] pngClaiming(int width, int height) {
        byte[] header = concat(bigEndian(width), bigEndian(height), new byte[] {8, 2, 0, 0, 0});
        return concat(
                PngFile.SIGNATURE, chunk("IHDR", header), chunk("IDAT", new byte[] {0}), chunk("IEND", new byte[0]));
    }
}
