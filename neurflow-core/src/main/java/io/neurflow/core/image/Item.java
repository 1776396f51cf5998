package io.neurflow.core.image;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** One picture of a source: where its crop comes from, now and again later. Equality is identity. */
abstract sealed class Item {
    private static final long MOST_BYTES = 1L << 29;

    final String name;

    private Item(String name) {
        this.name = name;
    }

    abstract Loaded load() throws UnusableImageException;

    static Item ofFile(Path file, Preprocessing preprocessing, Decoder decoder) {
        return new InFile(file, preprocessing, decoder);
    }

    static Item ofCrop(String name, byte[] crop) {
        return new InMemory(name, crop);
    }

    /** A crop and the digest of what it was made from. */
    static final class Loaded {
        final String digest;
        final byte[] crop;

        private Loaded(byte[] source, byte[] crop) {
            this.digest = Hashing.sha256().hashBytes(source).toString();
            this.crop = crop;
        }
    }

    private static final class InMemory extends Item {
        private final byte[] crop;

        InMemory(String name, byte[] crop) {
            super(name);
            this.crop = crop;
        }

        @Override
        Loaded load() {
            return new Loaded(crop, crop);
        }
    }

    private static final class InFile extends Item {
        private final Path file;
        private final Preprocessing preprocessing;
        private final Decoder decoder;

        InFile(Path file, Preprocessing preprocessing, Decoder decoder) {
            super(
                    file.getFileName() == null
                            ? file.toString()
                            : file.getFileName().toString());
            this.file = file;
            this.preprocessing = preprocessing;
            this.decoder = decoder;
        }

        @Override
        Loaded load() throws UnusableImageException {
            byte[] bytes = bytes();
            Pixels picture = decoder.decode(bytes);
            return new Loaded(bytes, ByteResize.crop(picture, preprocessing.resize(), preprocessing.side()).rgb);
        }

        private byte[] bytes() throws UnusableImageException {
            try {
                if (Files.isDirectory(file)) {
                    throw new UnusableImageException("a folder, not a file");
                }
                if (Files.size(file) > MOST_BYTES) {
                    throw new UnusableImageException(
                            "a file of " + Files.size(file) + " bytes; at most " + MOST_BYTES + " are read");
                }
                return Files.readAllBytes(file);
            } catch (UnusableImageException e) {
                throw e;
            } catch (NoSuchFileException e) {
                throw new UnusableImageException("there is no such file (any more)");
            } catch (AccessDeniedException e) {
                throw new UnusableImageException("may not be read; check the file's permissions");
            } catch (IOException e) {
                throw new UnusableImageException("cannot be read: " + e.getMessage());
            }
        }
    }
}
