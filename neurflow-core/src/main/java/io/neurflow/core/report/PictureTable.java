package io.neurflow.core.report;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.CircuitNode;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SemanticGroup;
import io.neurflow.core.image.PatchPictures;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Chooses which patches to show, and holds each of them once, as a JPEG in Base64. */
final class PictureTable {
    /** Side of a picture in pixels. */
    static final int SIDE = 72;

    /** A page of this many bytes still opens at once and goes through most mail servers. */
    private static final long MOST_BYTES = 5_000_000;

    private static final int ON_CARD = 4;
    private static final int OF_GROUP = 10;
    private static final float QUALITY = 0.72f;

    /** Pixels of all source images together; the more images, the smaller each of them. */
    private static final int SOURCE_PIXELS = 2_500_000;

    private static final int LARGEST_SOURCE = 224;
    private static final int SMALLEST_SOURCE = 40;

    private final ConceptCircuit circuit;
    private final Map<Integer, Patch> patches;
    private final int perGroup;
    private final ImmutableMap<Integer, String> pictures;

    private PictureTable(ConceptCircuit circuit, int perGroup, Map<Integer, String> pictures) {
        this.circuit = circuit;
        this.patches = patches(circuit);
        this.perGroup = perGroup;
        this.pictures = ImmutableMap.copyOf(pictures);
    }

    private static Map<Integer, Patch> patches(ConceptCircuit circuit) {
        return circuit.patches().stream().collect(Collectors.toMap(Patch::index, patch -> patch, (a, b) -> a));
    }

    private static Patch patch(Map<Integer, Patch> patches, int index) {
        Patch patch = patches.get(index);
        if (patch == null) {
            throw new IllegalArgumentException(
                    "patch " + index + " is in a concept, but not among the circuit's patches");
        }
        return patch;
    }

    /** A table without pictures. */
    static PictureTable empty(ConceptCircuit circuit) {
        return new PictureTable(circuit, 0, Map.of());
    }

    /** Each image as the model sees it, once, where the circuit has its window of 100 %. */
    static ImmutableMap<Integer, String> sources(ConceptCircuit circuit, PatchPictures source) {
        Map<Integer, Patch> whole = new LinkedHashMap<>();
        circuit.patches().stream()
                .filter(patch -> patch.fraction() == 1)
                .forEach(patch -> whole.putIfAbsent(patch.image(), patch));
        int side = (int) Math.sqrt(SOURCE_PIXELS / (double) Math.max(1, whole.size()));
        int fitting = Math.max(SMALLEST_SOURCE, Math.min(LARGEST_SOURCE, side));
        ImmutableMap.Builder<Integer, String> sources = ImmutableMap.builder();
        whole.forEach((image, patch) -> sources.put(image, jpeg(source.picture(patch, fitting))));
        return sources.buildOrThrow();
    }

    /** As many pictures per semantic group as fit, {@code most} if possible, but at least one. */
    static PictureTable of(ConceptCircuit circuit, PatchPictures source, int most) {
        Map<Integer, Patch> patches = patches(circuit);
        Map<Integer, String> all = new LinkedHashMap<>();
        for (int perGroup = 1; perGroup <= most; perGroup++) {
            Map<Integer, String> more = new LinkedHashMap<>(all);
            long bytes = more.values().stream().mapToLong(String::length).sum();
            for (int index : new PictureTable(circuit, perGroup, Map.of()).needed()) {
                if (!more.containsKey(index)) {
                    String picture = jpeg(source.picture(patch(patches, index), SIDE));
                    more.put(index, picture);
                    bytes += picture.length();
                }
                if (bytes > MOST_BYTES && perGroup > 1) {
                    return new PictureTable(circuit, perGroup - 1, all);
                }
            }
            all = more;
        }
        return new PictureTable(circuit, most, all);
    }

    private Set<Integer> needed() {
        Set<Integer> needed = new LinkedHashSet<>();
        for (NeuronGroup group : circuit.groups()) {
            needed.addAll(telling(group, OF_GROUP));
        }
        for (CircuitNode node : circuit.neurons().nodes()) {
            for (SemanticGroup group : node.groups()) {
                needed.addAll(first(group));
            }
        }
        return needed;
    }

    private static String jpeg(BufferedImage picture) {
        BufferedImage rgb = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = rgb.createGraphics();
        graphics.drawImage(picture, 0, 0, Color.WHITE, null);
        graphics.dispose();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam options = writer.getDefaultWriteParam();
            options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            options.setCompressionQuality(QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(rgb, null, null), options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /** The pictures, by patch. */
    ImmutableMap<Integer, String> pictures() {
        return pictures;
    }

    /** How many of each semantic group are here. */
    int perGroup() {
        return perGroup;
    }

    /** The strongest patches of a semantic group. */
    List<Integer> first(SemanticGroup group) {
        return group.patches().asList().stream().limit(perGroup).toList();
    }

    /** The patches for the card of a group. */
    List<Integer> onCard(NeuronGroup group) {
        return telling(group, ON_CARD);
    }

    /** The patches for the head of a group's panel. */
    List<Integer> ofGroup(NeuronGroup group) {
        return telling(group, OF_GROUP);
    }

    /**
     * The strongest patches of the five nearest neurons' semantic groups, in turns; patches of images that are not shown yet
     * come first, since windows of one image look alike.
     */
    private List<Integer> telling(NeuronGroup group, int most) {
        if (perGroup == 0) {
            return List.of();
        }
        List<SemanticGroup> nearest = group.byDistance().stream().limit(5).toList();
        Set<Integer> candidates = new LinkedHashSet<>();
        int longest = nearest.stream()
                .mapToInt(member -> member.patches().length())
                .max()
                .orElse(0);
        for (int rank = 0; rank < longest; rank++) {
            for (SemanticGroup member : nearest) {
                ImmutableIntArray strongest = member.patches();
                if (rank < strongest.length()) {
                    candidates.add(strongest.get(rank));
                }
            }
        }
        List<Integer> chosen = new ArrayList<>();
        Set<Integer> images = new HashSet<>();
        for (int patch : candidates) {
            if (chosen.size() < most && images.add(patch(patches, patch).image())) {
                chosen.add(patch);
            }
        }
        for (int patch : candidates) {
            if (chosen.size() < most && !chosen.contains(patch)) {
                chosen.add(patch);
            }
        }
        return chosen;
    }
}
