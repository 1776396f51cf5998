package io.neurflow.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** Small pictures that declare to be large. */
class HostilePictureTest {
    private static final Decoder DECODER = new Decoder(true, 1L << 26);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static void refused(byte[] bytes, String part) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> DECODER.decode(bytes))
                .isInstanceOf(UnusableImageException.class)
                .hasMessageContaining(part);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(20L << 20);
    }

    private static byte[] png(int width, int height, byte[] data) {
        byte[] head = TestPictures.concat(
                TestPictures.bigEndian(width), TestPictures.bigEndian(height), new byte[] {8, 2, 0, 0, 0});
        return TestPictures.concat(
                PngFile.SIGNATURE,
                TestPictures.chunk("IHDR", head),
                TestPictures.chunk("IDAT", data),
                TestPictures.chunk("IEND", new byte[0]));
    }

    @Test
    void aPngWhoseBytesCannotHoldItsPixelsIsRefusedBeforeMemoryIsTaken() throws Exception {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(new byte[3 * 16 + 1]);
        }
        refused(png(8000, 8000, deflated.toByteArray()), "cannot hold 8000x8000");
        refused(png(100_000, 100_000, deflated.toByteArray()), "declares 100000x100000 pixels");
        refused(png(0, 5, deflated.toByteArray()), "declares 0x5 pixels");
        assertThat(DECODER.decode(png(16, 1, deflated.toByteArray())).width).isEqualTo(16);
    }

    @Test
    void aJpegWhoseBytesCannotHoldItsPixelsIsRefusedBeforeMemoryIsTaken() {
        byte[] jpeg = TestPictures.bytes(TestPictures.golden("jpeg420.jpg"));
        int frame = frame(jpeg);
        byte[] large = jpeg.clone();
        Arrays.fill(large, frame + 5, frame + 9, (byte) 0x1f); // 7967 x 7967
        large[frame + 5] = 0x1f;
        byte[] cut = Arrays.copyOf(large, scan(jpeg) + 40);
        refused(TestPictures.concat(cut, new byte[] {(byte) 0xff, (byte) 0xd9}), "cannot hold 7967x7967");
    }

    @Test
    void aJpegOfThousandsOfScansIsRefused() {
        byte[] jpeg = TestPictures.bytes(TestPictures.golden("jpeg420.jpg"));
        int scan = scan(jpeg);
        byte[] one = Arrays.copyOfRange(jpeg, scan, scan + 2 + 12 + 40);
        byte[] many = Arrays.copyOf(jpeg, scan);
        byte[] scans = new byte[one.length * 1000];
        for (int i = 0; i < 1000; i++) {
            System.arraycopy(one, 0, scans, i * one.length, one.length);
        }
        refused(TestPictures.concat(many, scans, new byte[] {(byte) 0xff, (byte) 0xd9}), "of more than 64 scans");
    }

    private static int frame(byte[] jpeg) {
        return marker(jpeg, 0xc0);
    }

    private static int scan(byte[] jpeg) {
        return marker(jpeg, 0xda);
    }

    /** Where a marker begins, walking over the segments before it. */
    private static int marker(byte[] jpeg, int kind) {
        int at = 2;
        while ((jpeg[at + 1] & 0xff) != kind) {
            at += 2 + ((jpeg[at + 2] & 0xff) << 8) + (jpeg[at + 3] & 0xff);
        }
        return at;
    }
}
