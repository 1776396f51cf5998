package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.ProgressListener;

/**
 * D<sub>c</sub>: the images that the model assigns to a class, in the order of the source.
 *
 * @param images those of the class
 * @param examined readable images that were looked at, up to the last one that was kept if there was a maximum
 * @param otherClass those among them that the model assigns to another class
 * @param unreadable those that could not be decoded, as far as the source was looked at
 */
public record ClassImages(ImageSet images, int examined, int otherClass, ImmutableList<ImageProblem> unreadable) {
    /**
     * Goes through a source until enough images of the class are found. An image belongs to the class of its highest logit,
     * the lower class where two are equal. The result does not depend on the batch size.
     *
     * @param probe the model
     * @param source where images come from
     * @param classIndex c, a channel of the logits
     * @param maxImages how many images suffice; {@link Integer#MAX_VALUE} for all
     * @param listener is told after every batch
     * @return the images
     * @throws IllegalArgumentException if there is no such class, or the preprocessing does not fit the model's input
     * @throws NeurflowException if there is no image of the class
     */
    public static ClassImages select(
            ModelProbe probe, ImageSource source, int classIndex, int maxImages, ProgressListener listener) {
        int classes = probe.logits().shape().channels();
        checkArgument(
                classIndex >= 0 && classIndex < classes,
                "expected a class between 0 and %s, but it is %s",
                classes - 1,
                classIndex);
        checkArgument(maxImages > 0, "expected to keep at least 1 image, but the maximum is %s", maxImages);
        checkArgument(
                probe.inputShape().equals(source.preprocessing().shape()),
                "expected inputs of %s, but the preprocessing makes %s; call withSide on it",
                probe.inputShape(),
                source.preprocessing().shape());
        return new ClassSearch(probe, source, classIndex, maxImages, listener).run();
    }

    @Override
    public String toString() {
        return images.size() + " images of the class among " + examined + ", " + otherClass + " of other classes, "
                + unreadable.size() + " unreadable";
    }
}
