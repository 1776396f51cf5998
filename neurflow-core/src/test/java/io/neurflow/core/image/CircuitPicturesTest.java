package io.neurflow.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.report.SampleCircuits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitPicturesTest {
    private static final int SIDE = 16;
    private static final Preprocessing PREPROCESSING = Preprocessing.imageNet().withSide(SIDE);

    /** Images of one grey each, the left half darker. */
    private static ImageSet images(List<Integer> greys) {
        List<String> names = new ArrayList<>();
        List<byte[]> crops = new ArrayList<>();
        for (int grey : greys) {
            names.add("grey " + grey);
            byte[] crop = new byte[SIDE * SIDE * 3];
            Arrays.fill(crop, (byte) grey);
            for (int y = 0; y < SIDE; y++) {
                Arrays.fill(crop, y * SIDE * 3, (y * SIDE + SIDE / 2) * 3, (byte) (grey / 2));
            }
            crops.add(crop);
        }
        return ImageSource.ofCrops(names, crops, PREPROCESSING).load();
    }

    private static ConceptCircuit circuit(ImageSet images) {
        ConceptCircuit sample = SampleCircuits.small();
        ImmutableList.Builder<SourceImage> used = ImmutableList.builder();
        images.images().forEach(used::add);
        ImmutableList<Patch> patches = ImmutableList.of(new Patch(0, 0, 1, 0, 0, SIDE), new Patch(1, 1, 0.5, 8, 8, 8));
        return new ConceptCircuit(
                sample.neurons(),
                sample.groups(),
                sample.edges(),
                sample.silhouettes(),
                used.build(),
                patches,
                sample.provenance());
    }

    @Test
    void imagesAreFoundByTheirContentWhateverTheirOrder() {
        List<Integer> greys = List.of(40, 80, 120, 160);
        ConceptCircuit circuit = circuit(images(greys));
        List<Integer> more = new ArrayList<>(Lists.reverse(greys));
        more.add(0, 200);
        CircuitPictures pictures = CircuitPictures.of(circuit, images(more));
        // The window of image 1 is in its brighter half.
        assertThat(pictures.picture(circuit.patches().get(1), 4).getRGB(2, 2) & 0xff)
                .isEqualTo(80);
        assertThat(pictures.picture(circuit.patches().get(0), SIDE).getRGB(0, 0) & 0xff)
                .isEqualTo(20);
    }

    @Test
    void imagesThatAreMissingOrHaveChangedAreCountedAndNamed() {
        ConceptCircuit circuit = circuit(images(List.of(40, 80, 120)));
        assertThatThrownBy(() -> CircuitPictures.of(circuit, images(List.of(40, 81, 121))))
                .isInstanceOf(NeurflowException.class)
                .hasMessage(
                        "expected the images that the circuit was built from, but 2 of 3 are missing or have changed,"
                                + " the first: grey 80; name the folder that they are in");
    }

    @Test
    void windowsOutsideTheImageAndSillySizesAreRefused() {
        ImageSet images = images(List.of(40, 80));
        CircuitPictures pictures = CircuitPictures.of(circuit(images), images);
        assertThatThrownBy(() -> pictures.picture(new Patch(0, 0, 1, 8, 0, SIDE), 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a window inside of 16 x 16 pixels");
        assertThatThrownBy(() -> pictures.picture(new Patch(0, 0, 1, 0, 0, SIDE), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a picture of 1 to 4096 pixels a side, but it is 0");
    }
}
