package io.neurflow.examples.embedded;

import java.awt.image.BufferedImage;

/**
 * A picture of the drawn world. Immutable; pixels are red, green, blue, one byte each, row by row.
 */
public final class DrawnPicture {
    /** Rows and columns of the whole picture. */
    public static final int SIDE = 73;
    /** Rows and columns of the part that the model sees. */
    public static final int CROP = 64;
    /** Where that part begins, in both directions: what centre cropping of 73 to 64 takes (4.5, rounded to even). */
    private static final int MARGIN = 4;

    private final String name;
    private final Thing thing;
    private final Background background;
    private final byte[] rgb;

    DrawnPicture(String name, Thing thing, Background background, byte[] rgb) {
        this.name = name;
        this.thing = thing;
        this.background = background;
        this.rgb = rgb;
    }

    /**
     * A name that is unique within its set.
     *
     * @return such as {@code beetle-007-flowers}
     */
    public String name() {
        return name;
    }

    /**
     * The thing that it shows, its class.
     *
     * @return the class
     */
    public Thing thing() {
        return thing;
    }

    /**
     * What is behind the thing.
     *
     * @return the background
     */
    public Background background() {
        return background;
    }

    /**
     * The whole picture.
     *
     * @return fresh array of 73 * 73 * 3 bytes
     */
    public byte[] rgb() {
        return rgb.clone();
    }

    /**
     * The part that the model sees: what resizing the shorter side to 73 (which changes nothing) and cropping the centre to
     * 64 leaves of the whole picture.
     *
     * @return fresh array of 64 * 64 * 3 bytes
     */
    public byte[] crop() {
        byte[] crop = new byte[3 * CROP * CROP];
        for (int row = 0; row < CROP; row++) {
            System.arraycopy(rgb, 3 * ((row + MARGIN) * SIDE + MARGIN), crop, 3 * row * CROP, 3 * CROP);
        }
        return crop;
    }

    /**
     * The whole picture as an image.
     *
     * @return 73 by 73 pixels, {@link BufferedImage#TYPE_INT_RGB}
     */
    public BufferedImage image() {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            int packed = ((rgb[3 * i] & 255) << 16) | ((rgb[3 * i + 1] & 255) << 8) | (rgb[3 * i + 2] & 255);
            image.setRGB(i % SIDE, i / SIDE, packed);
        }
        return image;
    }

    @Override
    public String toString() {
        return name;
    }
}
