package io.neurflow.core.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * From a file's bytes to pixels. The kind of file is told by its first bytes, never by its name. Nothing of ImageIO's
 * global state is touched, and the extent is checked before anything is allocated for it.
 *
 * @param upright whether EXIF orientation is applied
 * @param pixelLimit the most pixels that a picture may have
 */
record Decoder(boolean upright, long pixelLimit) {
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

    Pixels decode(byte[] bytes) throws UnusableImageException {
        try {
            if (bytes.length == 0) {
                throw new UnusableImageException("an empty file of 0 bytes");
            }
            if (startsWith(bytes, JPEG)) {
                return jpeg(bytes);
            }
            if (startsWith(bytes, PngFile.SIGNATURE)) {
                return png(bytes);
            }
            throw new UnusableImageException(
                    "neither JPEG nor PNG, whatever its name: it begins with " + beginning(bytes));
        } catch (UnusableImageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Readers meet broken data with all kinds of exceptions, unchecked ones included.
            String message = String.valueOf(
                            e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                    .replaceAll("[\\p{Cntrl}&&[^\n]]", "?");
            throw new UnusableImageException("cannot be decoded: "
                    + message.lines().findFirst().orElse("no reason given").strip());
        }
    }

    private Pixels jpeg(byte[] bytes) throws IOException {
        JpegFile file = JpegFile.parse(bytes);
        checkExtent(file.width, file.height);
        file.checkContent();
        List<String> warnings = new ArrayList<>();
        ImageReader reader = reader("jpeg");
        try (MemoryCacheImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(file.stripped()))) {
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(in, true, true);
            Pixels pixels = new JpegColours(file).toRgb(reader.readRaster(0, null));
            for (String warning : warnings) {
                String w = warning.toLowerCase(Locale.ROOT);
                // Others, such as stray bytes before a marker, leave the picture as it should be.
                if (w.contains("premature end") || w.contains("bad huffman") || w.contains("instead of rst")) {
                    throw new UnusableImageException(
                            "a corrupt JPEG file, of which a part is lost (" + warning.strip() + "); get a whole copy");
                }
            }
            return upright ? pixels.upright(file.orientation) : pixels;
        } finally {
            reader.dispose();
        }
    }

    private Pixels png(byte[] bytes) throws IOException {
        PngFile file = PngFile.parse(bytes);
        checkExtent(file.width, file.height);
        file.checkContent();
        ImageReader reader = reader("png");
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            Pixels pixels = PngFile.toRgb(reader.read(0));
            return upright ? pixels.upright(file.orientation) : pixels;
        } finally {
            reader.dispose();
        }
    }

    private void checkExtent(long width, long height) throws UnusableImageException {
        // 65,535 is as far as JPEG can count; nothing that PNG adds beyond is a photograph.
        if (width < 1 || height < 1 || width > 65_535 || height > 65_535 || width * height > pixelLimit) {
            throw new UnusableImageException(
                    "declares " + width + "x" + height + " pixels, but at least 1x1 and at most " + pixelLimit
                            + " in all are read; scale it down or raise the pixel limit");
        }
    }

    private static ImageReader reader(String format) throws UnusableImageException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        if (!readers.hasNext()) {
            throw new UnusableImageException(
                    "this Java runtime has no reader for " + format + "; use one with java.desktop");
        }
        return readers.next();
    }

    private static boolean startsWith(byte[] bytes, byte[] beginning) {
        return bytes.length >= beginning.length
                && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
    }

    private static String beginning(byte[] bytes) {
        StringBuilder text = new StringBuilder("'");
        for (int i = 0; i < Math.min(12, bytes.length); i++) {
            text.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
        }
        return text.append('\'').toString();
    }
}
