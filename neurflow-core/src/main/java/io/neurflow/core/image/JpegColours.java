package io.neurflow.core.image;

import java.awt.image.Raster;

/**
 * From the values that a JPEG file stores to RGB, with the integer arithmetic of libjpeg and, for print colours, of Pillow:
 * four components are taken as inverted inks, as Adobe writes them. Colour profiles are ignored, as Pillow ignores them.
 */
final class JpegColours {
    private static final int HALF = 1 << 15;

    private final JpegFile file;

    JpegColours(JpegFile file) {
        this.file = file;
    }

    Pixels toRgb(Raster stored) throws UnusableImageException {
        int width = stored.getWidth();
        int height = stored.getHeight();
        int bands = stored.getNumBands();
        if (bands != file.components || width != file.width || height != file.height) {
            throw new UnusableImageException("a JPEG file that decodes to " + width + "x" + height + " with " + bands
                    + " components, but declares otherwise");
        }
        byte[] rgb = new byte[width * height * 3];
        int[] row = new int[width * bands];
        int to = 0;
        for (int y = 0; y < height; y++) {
            stored.getPixels(stored.getMinX(), stored.getMinY() + y, width, 1, row);
            for (int at = 0; at < row.length; at += bands) {
                pixel(row, at, rgb, to);
                to += 3;
            }
        }
        return new Pixels(width, height, rgb);
    }

    private void pixel(int[] row, int at, byte[] rgb, int to) {
        if (file.components == 1) {
            rgb[to] = (byte) row[at];
            rgb[to + 1] = (byte) row[at];
            rgb[to + 2] = (byte) row[at];
            return;
        }
        int r = row[at];
        int g = row[at + 1];
        int b = row[at + 2];
        if (file.isYcc()) {
            int y = row[at];
            int cb = row[at + 1] - 128;
            int cr = row[at + 2] - 128;
            r = clip(y + ((fix(1.40200) * cr + HALF) >> 16));
            g = clip(y + ((-fix(0.34414) * cb - fix(0.71414) * cr + HALF) >> 16));
            b = clip(y + ((fix(1.77200) * cb + HALF) >> 16));
        }
        if (file.components == 4) {
            // libjpeg turns YCCK into CMYK as 255 - r; Pillow then inverts all four, and mixes.
            int stay = row[at + 3];
            r = ink(file.isYcc() ? r : 255 - r, stay);
            g = ink(file.isYcc() ? g : 255 - g, stay);
            b = ink(file.isYcc() ? b : 255 - b, stay);
        }
        rgb[to] = (byte) r;
        rgb[to + 1] = (byte) g;
        rgb[to + 2] = (byte) b;
    }

    /** What an ink leaves of the light that black leaves, both 0..255. */
    private static int ink(int amount, int stay) {
        int product = amount * stay + 128;
        return clip(stay - (((product >> 8) + product) >> 8));
    }

    private static int fix(double factor) {
        return (int) (factor * 65536 + 0.5);
    }

    private static int clip(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
