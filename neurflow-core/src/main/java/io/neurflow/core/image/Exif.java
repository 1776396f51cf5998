package io.neurflow.core.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The one thing we want from EXIF data: how the camera was held. Only the first directory is read, nothing is allocated. */
final class Exif {
    private static final int ORIENTATION = 0x112;
    private static final int SHORT = 3;

    private Exif() {}

    /** Orientation 1..8 from a TIFF structure; 1 if there is none or the structure is broken. */
    static int orientation(byte[] bytes, int offset, int length) {
        ByteBuffer tiff = ByteBuffer.wrap(bytes, offset, length).slice();
        try {
            int mark = tiff.getShort(0);
            tiff.order(mark == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = tiff.getInt(4);
            int entries = tiff.getShort(directory) & 0xffff;
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + 12 * i;
                if ((tiff.getShort(entry) & 0xffff) == ORIENTATION && tiff.getShort(entry + 2) == SHORT) {
                    int value = tiff.getShort(entry + 8);
                    return value >= 1 && value <= 8 ? value : 1;
                }
            }
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            return 1;
        }
        return 1;
    }
}
