package io.neurflow.core.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The markers of a JPEG file: everything that has to be known before a decoder is let loose on it. Decoders disagree about
 * colour and about profiles, and fill what is missing with grey; so the application segments are read here and taken out,
 * the end of the picture is looked for, and {@link JpegColours} converts what the decoder leaves as stored.
 */
final class JpegFile {
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

    /** Encoders write about ten; each of them costs the decoder a pass over the whole picture. */
    private static final int MOST_SCANS = 64;

    private final byte[] bytes;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean jfif;
    private boolean adobe;
    private int transform;
    private String componentIds = "";
    private boolean sequential;
    /** Bytes of entropy-coded data. */
    private long coded;

    private int scans;
    /** The file stops inside its only scan, before the marker of its end. */
    private boolean endless;

    int width;
    int height;
    int components;
    int orientation = 1;

    private JpegFile(byte[] bytes) {
        this.bytes = bytes;
    }

    static JpegFile parse(byte[] bytes) throws IOException {
        JpegFile file = new JpegFile(bytes);
        file.kept.write(bytes, 0, 2);
        int at = 2;
        while (!file.endless) {
            at = file.nextMarker(at);
            int marker = bytes[at + 1] & 0xff;
            if (marker == 0xd9) {
                break;
            }
            if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
                at += 2; // stand-alone
                continue;
            }
            int length = file.segment(at, marker);
            boolean application = (marker >= 0xe0 && marker <= 0xef) || marker == 0xfe;
            if (!application) {
                file.kept.write(bytes, at, 2 + length);
            }
            at += 2 + length;
            if (marker == 0xda) {
                int end = file.endOfScan(at, length > 2 ? bytes[at - length + 2] : 0);
                file.kept.write(bytes, at, end - at);
                file.coded += end - at;
                if (++file.scans > MOST_SCANS) {
                    throw new UnusableImageException(
                            "a JPEG file of more than " + MOST_SCANS + " scans; save it again with any program");
                }
                at = end;
            }
        }
        if (file.components == 0) {
            throw new UnusableImageException("a JPEG file without a picture in it");
        }
        file.kept.write(0xff);
        file.kept.write(0xd9);
        return file;
    }

    private int nextMarker(int from) throws IOException {
        int at = from;
        while (at + 1 < bytes.length) {
            if (bytes[at] == (byte) 0xff && bytes[at + 1] != (byte) 0xff && bytes[at + 1] != 0) {
                return at;
            }
            at++;
        }
        throw truncated();
    }

    /**
     * Entropy-coded data goes on over stuffed zeros and restart markers. Cameras and downloads do lose the very last bytes:
     * where one scan holds everything, the decoder will notice whether a part of the picture is gone with them.
     */
    private int endOfScan(int from, int scanned) throws IOException {
        for (int at = from; at + 1 < bytes.length; at++) {
            int next = bytes[at + 1] & 0xff;
            if (bytes[at] == (byte) 0xff && next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
                return at;
            }
        }
        if (!sequential || scanned != components) {
            throw truncated();
        }
        endless = true;
        int end = bytes.length;
        while (end > from && bytes[end - 1] == (byte) 0xff) {
            end--;
        }
        return end;
    }

    /** Whether so few bytes can hold so many pixels; if not, no memory is taken for them. */
    void checkContent() throws UnusableImageException {
        // A block of 8 x 8 values takes two codes of one bit at least, or one in a progressive file.
        long blocks = ((width + 7L) / 8) * ((height + 7L) / 8);
        if (coded * 8 < blocks) {
            throw new UnusableImageException("a corrupt JPEG file: its " + coded + " bytes of pixels cannot hold "
                    + width + "x" + height + "; get a whole copy");
        }
    }

    private IOException truncated() {
        return new UnusableImageException(
                "a truncated JPEG file: its " + bytes.length + " bytes end before the picture does; get a whole copy");
    }

    private int segment(int marker, int kind) throws IOException {
        if (marker + 4 > bytes.length) {
            throw truncated();
        }
        int length = unsignedShort(marker + 2);
        int data = marker + 4;
        if (marker + 2 + length > bytes.length) {
            throw truncated();
        }
        boolean frame = kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc;
        if (length < 2 || (frame && length < 8)) {
            throw new UnusableImageException("a corrupt JPEG file: a segment of impossible length at byte " + marker);
        }
        if (frame) {
            frame(data, length - 2);
            sequential = kind <= 0xc1;
        } else if (kind == 0xe0 && startsWith(data, length - 2, JFIF)) {
            jfif = true;
        } else if (kind == 0xe1 && orientation == 1 && startsWith(data, length - 2, EXIF)) {
            orientation = Exif.orientation(bytes, data + EXIF.length, length - 2 - EXIF.length);
        } else if (kind == 0xee && length >= 14 && startsWith(data, length - 2, ADOBE)) {
            adobe = true;
            transform = bytes[data + 11] & 0xff;
        }
        return length;
    }

    private void frame(int data, int length) throws IOException {
        if (components != 0) {
            throw new UnusableImageException("a JPEG file of several frames, which only medical software writes");
        }
        height = unsignedShort(data + 1);
        width = unsignedShort(data + 3);
        components = bytes[data + 5] & 0xff;
        if ((components != 1 && components != 3 && components != 4) || length < 6 + 3 * components) {
            throw new UnusableImageException(
                    "a JPEG file with " + components + " colour components; 1, 3 and 4 can be read");
        }
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < components; i++) {
            ids.append((char) (bytes[data + 6 + 3 * i] & 0xff));
        }
        componentIds = ids.toString();
    }

    /** Whether components 0 to 2 are luminance and chroma, by the rules of libjpeg. */
    boolean isYcc() {
        if (components == 4) {
            return adobe && transform != 0;
        }
        return jfif || (adobe ? transform != 0 : !componentIds.equals("RGB"));
    }

    /** The file without application segments and comments. */
    byte[] stripped() {
        return kept.toByteArray();
    }

    private int unsignedShort(int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    private boolean startsWith(int data, int length, byte[] name) {
        return length >= name.length && Arrays.equals(bytes, data, data + name.length, name, 0, name.length);
    }
}
