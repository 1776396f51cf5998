package io.neurflow.core;

import io.neurflow.api.NeurflowException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file to append to and read from anywhere, which goes when it is closed or the JVM ends. */
final class TemporaryFile implements AutoCloseable {
    private final FileChannel file;
    private long end;

    TemporaryFile(String prefix) {
        try {
            Path path = Files.createTempFile(prefix, ".tmp");
            this.file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** What is wanted, but no more than half of the room in the folder for temporary files. */
    static long room(long wanted) {
        return Math.min(wanted, new File(System.getProperty("java.io.tmpdir")).getUsableSpace() / 2);
    }

    private static NeurflowException failed(IOException e) {
        return new NeurflowException(
                "activations cannot be kept in the folder for temporary files, '"
                        + System.getProperty("java.io.tmpdir") + "': " + e.getMessage()
                        + "; make room there, name another with -Djava.io.tmpdir, or set featureMapDisk(0)",
                e);
    }

    /** Writes all that remains in a buffer at the end; gives back where. */
    long append(ByteBuffer buffer) {
        long place = end;
        try {
            while (buffer.hasRemaining()) {
                end += file.write(buffer, end);
            }
            return place;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Fills what remains of a buffer. */
    void read(ByteBuffer buffer, long place) {
        long next = place;
        try {
            while (buffer.hasRemaining()) {
                int count = file.read(buffer, next);
                if (count < 0) {
                    throw new IOException("the file ends too early");
                }
                next += count;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
