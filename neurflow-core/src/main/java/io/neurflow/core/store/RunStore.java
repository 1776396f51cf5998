package io.neurflow.core.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder of results by the digest of what they were computed from, so that a run which was killed goes on where it was
 * and a run like one before takes what is there. An entry is whole or not there: it is written to a file of its own, forced
 * to disk, and renamed. What was damaged since is noticed by its SHA-256, told to {@link #onWarning}, and counts as not
 * there. Several processes may use one folder at a time: equal keys have equal values, whoever writes last.
 *
 * <p>The folder grows until you {@link #clear()} or delete it. Nothing in it is executed or trusted beyond its checksum: do
 * not use one that strangers can write to.
 *
 * <pre>{@code
 * CircuitBuilder.over(probe).store(RunStore.at(Path.of("bee.store"))).build(bee, patches);
 * }</pre>
 */
public final class RunStore {
    private static final String LABEL = "neurflow-store";
    private static final String VERSION = "neurflow-store 1\n";
    private static final String ENTRY = ".entry";
    private static final String HALF = ".tmp";
    private static final String DAMAGED = " is damaged; it is computed again and replaced";
    private static final Duration STALE = Duration.ofDays(1);

    private final Path folder;
    private final Consumer<String> warnings;

    private RunStore(Path folder, Consumer<String> warnings) {
        this.folder = folder;
        this.warnings = warnings;
    }

    /**
     * Opens a store, or makes one. Files that a process left half written more than a day ago are deleted.
     *
     * @param folder a store, an empty folder, or one that does not exist yet
     * @return the store; its warnings go to the {@link System.Logger} of this class
     * @throws NeurflowException if it is something else, a store of another version, or cannot be written to
     */
    public static RunStore at(Path folder) {
        Path label = folder.resolve(LABEL);
        try {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new NeurflowException(
                        "expected a folder for the store, but " + folder + " is a file; name another place");
            }
            if (!Files.exists(label)) {
                makeStore(folder, label);
            }
            String found = new String(Files.readAllBytes(label), UTF_8);
            if (!found.equals(VERSION)) {
                throw new NeurflowException("expected a store of version 1, but " + label + " says '" + found.strip()
                        + "'; name another folder, or delete this one");
            }
            RunStore store = new RunStore(
                    folder, line -> System.getLogger(RunStore.class.getName()).log(System.Logger.Level.WARNING, line));
            store.deleteStale(Instant.now().minus(STALE));
            return store;
        } catch (IOException | UncheckedIOException e) {
            throw new NeurflowException(
                    "cannot open a store in " + folder + " (" + e + "); choose a folder that can be written to", e);
        }
    }

    private static void makeStore(Path folder, Path label) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> inside = Files.list(folder)) {
            // Another process may be making the store at this moment.
            Optional<Path> stranger = inside.filter(
                            file -> !file.getFileName().toString().startsWith(LABEL))
                    .findFirst();
            if (stranger.isPresent() && !Files.exists(label)) {
                throw new NeurflowException("expected a store or an empty folder, but " + folder + " holds "
                        + stranger.get().getFileName() + " and no file " + LABEL + "; name another folder");
            }
        }
        replace(label, VERSION.getBytes(UTF_8));
    }

    /**
     * Sets who is told of damaged entries and of results that could not be stored.
     *
     * @param to gets one line for each
     * @return the same store with another listener
     */
    public RunStore onWarning(Consumer<String> to) {
        return new RunStore(folder, to);
    }

    /**
     * Where it is.
     *
     * @return the folder
     */
    public Path folder() {
        return folder;
    }

    /**
     * Reads matrices.
     *
     * @param key what they are computed from
     * @return what was {@linkplain #put put} there, if it is there and whole
     */
    public Optional<List<double[][]>> get(StoreKey key) {
        Optional<byte[]> content = getBytes(key);
        if (content.isPresent()) {
            try {
                return Optional.of(Matrices.ofBytes(content.get()));
            } catch (NeurflowException e) {
                // Sealed by something that writes other matrices than this version.
                warnings.accept(file(key) + DAMAGED);
            }
        }
        return Optional.empty();
    }

    /**
     * Reads bytes.
     *
     * @param key what they are computed from
     * @return what was {@linkplain #putBytes put} there, if it is there and whole
     */
    public Optional<byte[]> getBytes(StoreKey key) {
        Path file = file(key);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            warnings.accept("cannot read " + file + " (" + e + "); it is computed again");
            return Optional.empty();
        }
        Optional<byte[]> content = Entry.open(key.hash().asBytes(), bytes);
        if (content.isEmpty()) {
            warnings.accept(file + DAMAGED);
        }
        return content;
    }

    /**
     * Stores matrices; when this returns they survive the end of the process. If the disk does not take them a warning is
     * given and the run can go on without.
     *
     * @param key what they are computed from
     * @param matrices bit for bit what {@link #get} will give
     */
    public void put(StoreKey key, List<double[][]> matrices) {
        try {
            putBytes(key, Matrices.toBytes(matrices));
        } catch (ArithmeticException e) {
            warnings.accept("cannot store " + file(key) + " (" + e + "); the run goes on without");
        }
    }

    /**
     * Stores bytes as {@link #put} does matrices.
     *
     * @param key what they are computed from, of another kind than any key of matrices
     * @param content what {@link #getBytes} will give
     */
    public void putBytes(StoreKey key, byte[] content) {
        Path file = file(key);
        try {
            Files.createDirectories(folder.resolve(key.digest().substring(0, 2)));
            replace(file, Entry.seal(key.hash().asBytes(), content));
        } catch (IOException | ArithmeticException e) {
            warnings.accept("cannot store " + file + " (" + e + "); the run goes on without");
        }
    }

    private Path file(StoreKey key) {
        String digest = key.digest();
        return folder.resolve(digest.substring(0, 2)).resolve(digest + ENTRY);
    }

    /** The only way that a file comes about: a name of one's own, then a rename, so that nobody ever sees a half. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path half = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + HALF);
        try {
            try (FileChannel out = FileChannel.open(half, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            try {
                Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private void deleteStale(Instant before) throws IOException {
        for (Path file : files(HALF)) {
            try {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException e) {
                // Its process has just renamed it.
            }
        }
    }

    /** Files of the store whose names end so; strangers' files are left alone. */
    private List<Path> files(String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder, 2)) {
            return all.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.endsWith(ending)
                                && (name.startsWith(LABEL) || name.matches("[0-9a-f]{64}\\.entry.*"));
                    })
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * How much it holds.
     *
     * @return bytes of all entries
     * @throws NeurflowException if the folder cannot be read
     */
    public long size() {
        try {
            long bytes = 0;
            for (Path file : files(ENTRY)) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new NeurflowException("cannot read the store " + folder + " (" + e + "); check its permissions", e);
        }
    }

    /**
     * Deletes all entries; not while another process uses the store, which would compute them again.
     *
     * @throws NeurflowException if one cannot be deleted
     */
    public void clear() {
        try {
            for (String ending : Arrays.asList(ENTRY, HALF)) {
                for (Path file : files(ending)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new NeurflowException("cannot clear the store " + folder + " (" + e + "); check its permissions", e);
        }
    }

    @Override
    public String toString() {
        return "store " + folder;
    }
}
