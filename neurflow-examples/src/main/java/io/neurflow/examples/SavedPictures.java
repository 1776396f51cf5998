package io.neurflow.examples;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.image.ImageSet;
import io.neurflow.core.image.PatchPictures;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Pictures of a saved circuit's patches, from images that are recognised by their digests, whatever they are called now.
 *
 * @param images all that may be needed, and more
 * @param positions in {@code images}, by index of the circuit's image
 */
record SavedPictures(ImageSet images, Map<Integer, Integer> positions) implements PatchPictures {
    static SavedPictures of(ConceptCircuit circuit, ImageSet images) {
        Map<String, Integer> byDigest = new HashMap<>();
        images.images().forEach(image -> byDigest.putIfAbsent(image.digest(), image.index()));
        Map<Integer, Integer> positions = new HashMap<>();
        for (SourceImage image : circuit.images()) {
            Integer position = byDigest.get(image.digest());
            if (position == null) {
                throw new NeurflowException("expected the images that the circuit was built from, but " + image.name()
                        + " is not among them; name their folder with --images, or leave --images out for a page"
                        + " without pictures");
            }
            positions.put(image.index(), position);
        }
        return new SavedPictures(images, Map.copyOf(positions));
    }

    /** The side of the model's input, as the windows say; 0 if there are none. */
    static int side(ConceptCircuit circuit) {
        return circuit.patches().stream()
                .mapToInt(patch -> (int) Math.round(patch.size() / patch.fraction()))
                .max()
                .orElse(0);
    }

    @Override
    public BufferedImage picture(Patch patch, int side) {
        Integer position = positions.get(patch.image());
        if (position == null) {
            throw new NeurflowException("expected a patch of the circuit's images, but it is of image " + patch.image()
                    + "; use the circuit that these pictures were opened for");
        }
        BufferedImage window =
                images.picture(position).getSubimage(patch.left(), patch.top(), patch.size(), patch.size());
        BufferedImage scaled = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(window, 0, 0, side, side, null);
        graphics.dispose();
        return scaled;
    }
}
