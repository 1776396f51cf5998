package io.neurflow.examples.embedded;

import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.onnx.OnnxImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * The classifier that comes with this module, and pictures to explain it with.
 *
 * <p>The model reads a picture of 64 by 64 pixels as float32 [3, 64, 64], each part scaled to 0 ... 1 and normalised with
 * ImageNet's means (0.485, 0.456, 0.406) and standard deviations (0.229, 0.224, 0.225): {@link DrawnPicture#crop()} in memory, or
 * the PNG files of {@link DrawnWorld#writeTo} with the shorter side resized to 73 and the centre cropped to 64.
 */
public final class EmbeddedModel {
    /** Rows and columns of the model's input. */
    public static final int SIDE = DrawnPicture.CROP;
    /** Seed of the pictures that the default run explains; none of them was seen in training. */
    public static final long PICTURE_SEED = 20_250;

    /** How many pictures of a class the default run explains. */
    public static final int PICTURES = 40;

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    private EmbeddedModel() {}

    /**
     * The model's file.
     *
     * @return ONNX, fresh array
     */
    public static byte[] modelBytes() {
        try {
            return Resources.toByteArray(Resources.getResource(EmbeddedModel.class, "model.onnx"));
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded model cannot be read from its jar; is the jar complete?", e);
        }
    }

    /**
     * The model as a network graph.
     *
     * @return read anew at each call
     */
    public static NetworkGraph graph() {
        return OnnxImporter.read("embedded model", modelBytes());
    }

    /**
     * The layers of the default circuit, below the logits.
     *
     * @return from bottom to top
     */
    public static ImmutableList<String> layers() {
        return ImmutableList.of("block1", "block2", "block3");
    }

    /**
     * How pixels become inputs.
     *
     * @return ImageNet's numbers at 64 pixels a side
     */
    public static Preprocessing preprocessing() {
        return Preprocessing.imageNet().withSide(SIDE);
    }

    /**
     * The pictures of {@link #pictures} as images to explain the model with.
     *
     * @param classIndex index into {@link #classNames()}
     * @return {@value #PICTURES} images in memory
     */
    public static ImageSource images(int classIndex) {
        ImmutableList<DrawnPicture> drawn = pictures(classIndex);
        return ImageSource.ofCrops(
                drawn.stream().map(DrawnPicture::name).toList(),
                drawn.stream().map(DrawnPicture::crop).toList(),
                preprocessing());
    }

    /**
     * Names of the classes.
     *
     * @return in the order of the model's outputs
     */
    public static ImmutableList<String> classNames() {
        return Arrays.stream(Thing.values()).map(Thing::label).collect(ImmutableList.toImmutableList());
    }

    /**
     * The class that the default run explains: the one with the planted cue.
     *
     * @return index into {@link #classNames()}
     */
    public static int defaultClass() {
        return DrawnWorld.CUE_THING.index();
    }

    /**
     * Pictures of a class, with the natural share of the cue.
     *
     * @param classIndex index into {@link #classNames()}
     * @return {@value #PICTURES} pictures, the same at each call
     * @throws IllegalArgumentException if there is no such class
     */
    public static ImmutableList<DrawnPicture> pictures(int classIndex) {
        Thing[] things = Thing.values();
        if (classIndex < 0 || classIndex >= things.length) {
            throw new IllegalArgumentException("expected a class from 0 to " + (things.length - 1) + ", but got "
                    + classIndex + "; EmbeddedModel.classNames() lists them");
        }
        return DrawnWorld.seeded(PICTURE_SEED).natural(things[classIndex], PICTURES);
    }

    /** The model's input for a picture: [3, 64, 64], row-major. */
    static float[] normalised(DrawnPicture picture) {
        byte[] rgb = picture.crop();
        int plane = SIDE * SIDE;
        float[] values = new float[3 * plane];
        for (int part = 0; part < 3; part++) {
            for (int i = 0; i < plane; i++) {
                values[part * plane + i] = ((rgb[3 * i + part] & 255) / 255f - MEAN[part]) / DEVIATION[part];
            }
        }
        return values;
    }
}
