package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Pictures of the patches of a circuit that was read from a file, cut anew from its images. The images are found by their
 * contents, whatever their order, and among others.
 */
public final class CircuitPictures implements PatchPictures {
    private final ImageSet images;
    private final ImmutableList<Integer> places;

    private CircuitPictures(ImageSet images, ImmutableList<Integer> places) {
        this.images = images;
        this.places = places;
    }

    /**
     * Finds the circuit's images.
     *
     * @param circuit any circuit
     * @param images with the circuit's preprocessing
     * @return the pictures
     * @throws NeurflowException if not all of the circuit's images are there
     */
    public static CircuitPictures of(ConceptCircuit circuit, ImageSet images) {
        Map<String, Integer> found = new HashMap<>();
        images.images().forEach(image -> found.putIfAbsent(image.digest(), image.index()));
        ImmutableList.Builder<Integer> places = ImmutableList.builder();
        int missing = 0;
        String first = "";
        for (SourceImage image : circuit.images()) {
            Integer place = found.get(image.digest());
            if (place == null) {
                first = missing++ == 0 ? image.name() : first;
            } else {
                places.add(place);
            }
        }
        if (missing > 0) {
            throw new NeurflowException("expected the images that the circuit was built from, but " + missing + " of "
                    + circuit.images().size() + " are missing or have changed, the first: " + first
                    + "; name the folder that they are in");
        }
        return new CircuitPictures(images, places.build());
    }

    @Override
    public BufferedImage picture(Patch patch, int side) {
        Pixels whole = images.pixels(places.get(patch.image()));
        int across = images.preprocessing().side();
        checkArgument(
                patch.top() + patch.size() <= across && patch.left() + patch.size() <= across,
                "expected a window inside of %s x %s pixels, but it is %s; prepare the images as the circuit's were",
                across,
                across,
                patch);
        checkArgument(side > 0 && side <= 4096, "expected a picture of 1 to 4096 pixels a side, but it is %s", side);
        return ByteResize.resize(whole.window(patch.top(), patch.left(), patch.size(), patch.size()), side, side)
                .toImage();
    }
}
