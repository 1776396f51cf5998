package io.neurflow.core.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file, walked before a decoder is let loose on it, and its pixels as Pillow's {@code convert("RGB")}
 * would have them: alpha is dropped, grey is repeated, profiles and gamma are ignored, of 16 bits the upper 8 are taken.
 * (Pillow clips 16-bit grey to 255 instead, which makes such pictures white.)
 */
final class PngFile {
    static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    private static final int IHDR = 0x49484452;
    private static final int IEND = 0x49454e44;
    private static final int EXIF = 0x65584966;
    /** Set in the type of chunks that a decoder may skip. */
    private static final int ANCILLARY = 0x20000000;

    /** Deflate makes at most 1032 bytes of one. */
    private static final long LARGEST_RATIO = 1032;

    private static final int IDAT = 0x49444154;

    long width;
    long height;
    private int bitsPerPixel = 1;
    private long packed;
    int orientation = 1;

    private PngFile() {}

    static PngFile parse(byte[] bytes) throws IOException {
        PngFile file = new PngFile();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int at = SIGNATURE.length;
        while (true) {
            if (at + 12L > bytes.length || in.getInt(at) < 0 || at + 12L + in.getInt(at) > bytes.length) {
                throw new UnusableImageException("a truncated PNG file: its " + bytes.length
                        + " bytes end before the picture does; get a whole copy");
            }
            int length = in.getInt(at);
            int type = in.getInt(at + 4);
            if ((type & ANCILLARY) == 0) {
                CRC32 crc = new CRC32();
                crc.update(bytes, at + 4, length + 4);
                if ((int) crc.getValue() != in.getInt(at + 8 + length)) {
                    throw new UnusableImageException(
                            "a corrupt PNG file: wrong checksum of the chunk at byte " + at + "; get a whole copy");
                }
            }
            if (type == IHDR && length >= 8) {
                file.width = in.getInt(at + 8) & 0xffffffffL;
                file.height = in.getInt(at + 12) & 0xffffffffL;
                if (length >= 10) {
                    int channels = new int[] {1, 1, 3, 1, 2, 1, 4, 1}[in.get(at + 17) & 7];
                    file.bitsPerPixel = channels * Math.max(1, in.get(at + 16) & 0xff);
                }
            } else if (type == IDAT) {
                file.packed += length;
            } else if (type == EXIF) {
                file.orientation = Exif.orientation(bytes, at + 8, length);
            } else if (type == IEND) {
                return file;
            }
            at += 12 + length;
        }
    }

    /** Whether so few bytes can hold so many pixels; if not, no memory is taken for them. */
    void checkContent() throws UnusableImageException {
        double bytes = (double) width * height * bitsPerPixel / 8;
        if (bytes > (double) packed * LARGEST_RATIO) {
            throw new UnusableImageException("a corrupt PNG file: its " + packed + " bytes of pixels cannot hold "
                    + width + "x" + height + "; get a whole copy");
        }
    }

    /** The stored values, never asked for as colours of a colour space: that would bend grey by a gamma. */
    static Pixels toRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        byte[][] palette = palette(image);
        int colours = bands >= 3 ? 1 : 0; // step from one colour to the next, none for grey
        byte[] rgb = new byte[width * height * 3];
        int[] row = new int[width * bands];
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int at = 0; at < row.length; at += bands) {
                for (int c = 0; c < 3; c++) {
                    rgb[to++] = palette[c][row[at + c * colours]];
                }
            }
        }
        return new Pixels(width, height, rgb);
    }

    /** For red, green and blue: the byte for each stored value. */
    private static byte[][] palette(BufferedImage image) {
        int bits = image.getRaster().getSampleModel().getSampleSize(0);
        byte[][] palette = new byte[3][1 << bits];
        if (image.getColorModel() instanceof IndexColorModel index) {
            // A palette may be shorter than the indices can count; what is beyond it is black.
            for (int i = 0; i < Math.min(1 << bits, index.getMapSize()); i++) {
                palette[0][i] = (byte) index.getRed(i);
                palette[1][i] = (byte) index.getGreen(i);
                palette[2][i] = (byte) index.getBlue(i);
            }
            return palette;
        }
        for (int i = 0; i < 1 << bits; i++) {
            byte value = (byte) (bits >= 8 ? i >> (bits - 8) : i * 255 / ((1 << bits) - 1));
            palette[0][i] = value;
            palette[1][i] = value;
            palette[2][i] = value;
        }
        return palette;
    }
}
