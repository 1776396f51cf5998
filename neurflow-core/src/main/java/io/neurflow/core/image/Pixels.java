package io.neurflow.core.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;

/** A picture as bytes, RGB, row by row. The array is shared, not copied: nobody writes to it once the picture exists. */
final class Pixels {
    final int width;
    final int height;
    final byte[] rgb;

    Pixels(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /** A part of it. */
    Pixels window(int top, int left, int rows, int columns) {
        byte[] part = new byte[rows * columns * 3];
        for (int y = 0; y < rows; y++) {
            System.arraycopy(rgb, ((top + y) * width + left) * 3, part, y * columns * 3, columns * 3);
        }
        return new Pixels(columns, rows, part);
    }

    /** The picture upright, if it was stored by EXIF orientation 1..8; anything else counts as 1. */
    Pixels upright(int orientation) {
        if (orientation < 2 || orientation > 8) {
            return this;
        }
        boolean swapped = orientation >= 5;
        int w = swapped ? height : width;
        int h = swapped ? width : height;
        byte[] turned = new byte[rgb.length];
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                // Where the pixel shown at (x, y) is stored: the row and column that EXIF calls 0th are at the named
                // sides.
                int storedX = swapped ? y : x;
                int storedY = swapped ? x : y;
                if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
                    storedX = width - 1 - storedX;
                }
                if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
                    storedY = height - 1 - storedY;
                }
                System.arraycopy(rgb, (storedY * width + storedX) * 3, turned, (y * w + x) * 3, 3);
            }
        }
        return new Pixels(w, h, turned);
    }

    /** For showing and saving. */
    BufferedImage toImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] packed = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < packed.length; i++) {
            packed[i] = ((rgb[3 * i] & 0xff) << 16) | ((rgb[3 * i + 1] & 0xff) << 8) | (rgb[3 * i + 2] & 0xff);
        }
        return image;
    }
}
