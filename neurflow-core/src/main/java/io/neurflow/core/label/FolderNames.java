package io.neurflow.core.label;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.SourceImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folders that images lie in below a root, found by their contents: a circuit knows the names of its files only. Files are
 * read whole if their names are those of the circuit's images.
 */
public final class FolderNames implements Function<SourceImage, String> {
    private final ImmutableMap<String, String> folders;

    private FolderNames(ImmutableMap<String, String> folders) {
        this.folders = folders;
    }

    /**
     * Looks for images below a folder.
     *
     * @param root for instance the folder of a data set that has a folder for each class
     * @param images of a circuit
     * @return the names of their folders below the root
     * @throws NeurflowException if it is no folder, cannot be read, or has none of the images in a folder of its own
     */
    public static FolderNames below(Path root, List<SourceImage> images) {
        if (!Files.isDirectory(root)) {
            throw new NeurflowException("expected a folder with folders of images, but '" + root
                    + (Files.exists(root)
                            ? "' is a file; name the folder above it"
                            : "' does not exist; check the path"));
        }
        Set<String> names = images.stream().map(SourceImage::name).collect(Collectors.toSet());
        Set<String> wanted = images.stream().map(SourceImage::digest).collect(Collectors.toSet());
        Map<String, String> found = new HashMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                Path folder = root.relativize(file).getParent();
                if (folder != null && names.contains(file.getFileName().toString())) {
                    String digest =
                            MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
                    if (wanted.contains(digest)) {
                        found.merge(digest, folder.toString(), (a, b) -> a + " " + b);
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new NeurflowException(
                    "expected folders of images that can be read, but '" + root + "' cannot (" + e
                            + "); check its permissions",
                    e);
        }
        if (found.isEmpty()) {
            throw new NeurflowException("expected images of the circuit in folders below '" + root
                    + "', but there are none; name the folder above the one that the images are in");
        }
        return new FolderNames(ImmutableMap.copyOf(found));
    }

    @Override
    public String apply(SourceImage image) {
        return folders.getOrDefault(image.digest(), "");
    }
}
