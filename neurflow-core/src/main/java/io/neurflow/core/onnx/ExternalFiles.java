package io.neurflow.core.onnx;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files beside a model that hold weights. A model may only name files within its own folder. */
final class ExternalFiles {
    /** How often the same bytes may be read: once for each output that is tried, say. */
    private static final long MOST_TIMES = 8;

    private final Optional<Path> home;
    private final Hasher digest;
    private final Set<Path> digested = new HashSet<>();
    private final Map<Path, Long> sizes = new HashMap<>();
    private long taken;

    /** Files in a folder, or none; the bytes of each file that is read go into the digest once. */
    ExternalFiles(Optional<Path> home, Hasher digest) {
        this.home = home;
        this.digest = digest;
    }

    /** The bytes of one tensor, little endian. */
    ByteBuffer read(String tensor, ImmutableMap<String, String> entries, long expected) {
        String location = location(entries);
        try {
            Path file = resolve(tensor, location);
            long size = Files.size(file);
            long offset = number(tensor, entries, "offset", 0);
            long length = number(tensor, entries, "length", offset <= size ? size - offset : 0);
            checkArgument(
                    offset <= size && length <= size - offset,
                    "tensor '%s' stands at bytes %s to %s of '%s', which has only %s; copy it again",
                    tensor,
                    offset,
                    offset + length,
                    location,
                    size);
            checkArgument(
                    length == expected,
                    "tensor '%s' has %s bytes in '%s', expected %s",
                    tensor,
                    length,
                    location,
                    expected);
            checkArgument(length <= Integer.MAX_VALUE, "tensor '%s' has %s bytes, which is too large", tensor, length);
            sizes.put(file, size);
            taken += length;
            long there = sizes.values().stream().mapToLong(Long::longValue).sum();
            checkArgument(
                    taken <= MOST_TIMES * there,
                    "tensors up to '%s' take %s bytes from files that have %s, expected each to have its own",
                    tensor,
                    taken,
                    there);
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
                    // Reads are short at the reader's whim.
                }
                checkArgument(!bytes.hasRemaining(), "'%s' became shorter while it was read", location);
                return bytes.flip();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("'" + location + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private Path resolve(String tensor, String location) throws IOException {
        checkArgument(
                home.isPresent(),
                "tensor '%s' stands in another file ('%s'), expected all weights in these bytes; read the model from its"
                        + " file, or save it with its weights inside",
                tensor,
                location);
        Path folder = home.get();
        try {
            Path file = folder.resolve(location).normalize();
            checkArgument(
                    !location.isEmpty() && !Path.of(location).isAbsolute() && file.startsWith(folder),
                    "tensor '%s' stands in '%s', expected a file in the model's own folder",
                    tensor,
                    location);
            checkArgument(
                    Files.isRegularFile(file),
                    "tensor '%s' stands in '%s', but there is no such file; put it beside the model",
                    tensor,
                    location);
            // A link inside the folder could lead out of it.
            checkArgument(
                    file.toRealPath().startsWith(folder.toRealPath()),
                    "tensor '%s' stands in '%s', which leads out of the model's own folder",
                    tensor,
                    location);
            return file;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "tensor '" + tensor + "' stands in '" + location + "', which is not the name of a file", e);
        }
    }

    private static long number(String tensor, ImmutableMap<String, String> entries, String key, long otherwise) {
        String text = entries.get(key);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "tensor '" + tensor + "' has external " + key + " '" + text + "', expected a number of bytes");
    }

    /** Takes the file that a tensor stands in, if any, into the digest; each file once. */
    void digest(Proto.Tensor tensor) {
        if (tensor.external().isEmpty()) {
            return;
        }
        try {
            Path file = resolve(tensor.name(), location(tensor.external().get()));
            if (!digested.add(file)) {
                return;
            }
            try (FileChannel channel = FileChannel.open(file)) {
                ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
                while (channel.read(chunk.clear()) >= 0) {
                    digest.putBytes(chunk.flip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file of '" + tensor.name() + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** SHA-256 of all that went into it, in hexadecimal digits. */
    String digest() {
        return digest.hash().toString();
    }

    private static String location(ImmutableMap<String, String> entries) {
        return entries.getOrDefault("location", "");
    }
}
