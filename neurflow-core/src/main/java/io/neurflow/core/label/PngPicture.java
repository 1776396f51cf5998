package io.neurflow.core.label;

import com.google.common.hash.Hashing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A picture as PNG. An immutable value. */
public final class PngPicture {
    private final byte[] bytes;
    private final int width;
    private final int height;

    private PngPicture(byte[] bytes, int width, int height) {
        this.bytes = bytes;
        this.width = width;
        this.height = height;
    }

    /**
     * Encodes a picture.
     *
     * @param picture any picture
     * @return the same as PNG
     */
    public static PngPicture of(BufferedImage picture) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(picture, "png", out)) {
                throw new IOException("this Java runtime has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PngPicture(out.toByteArray(), picture.getWidth(), picture.getHeight());
    }

    /**
     * The file.
     *
     * @return a fresh array
     */
    public byte[] bytes() {
        return bytes.clone();
    }

    /**
     * The file in Base64.
     *
     * @return without line breaks
     */
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * SHA-256 of the file.
     *
     * @return 64 hexadecimal digits
     */
    public String digest() {
        return Hashing.sha256().hashBytes(bytes).toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PngPicture picture && Arrays.equals(bytes, picture.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "PNG of " + width + " x " + height + " pixels, " + bytes.length + " bytes";
    }
}
