package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableDoubleArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Shape;
import java.nio.file.Path;

/**
 * What happens to a photograph before a model sees it: the shorter side is resized to {@code resize} (antialiased bilinear
 * on bytes), a centre square of {@code side} pixels is cut out, and every byte b of channel c becomes
 * {@code (b / divisor - mean[c]) / std[c]}. A model explained with another preprocessing than it was trained with gives
 * explanations of nothing: take these numbers from where the model comes from.
 *
 * @param resize length of the shorter side after resizing
 * @param side side of the square that the model sees
 * @param divisor what bytes are divided by, 255 or 1 as a rule
 * @param mean subtracted after the division, one value per channel in the order of {@code order}
 * @param std divided by at last, one value per channel in the order of {@code order}
 * @param order red first or blue first
 */
public record Preprocessing(
        int resize, int side, double divisor, ImmutableDoubleArray mean, ImmutableDoubleArray std, ChannelOrder order) {

    private static final int MOST = 16_384;

    /** Checks that the numbers can be computed with. */
    public Preprocessing {
        checkArgument(
                resize > 0 && resize <= MOST && side > 0 && side <= MOST,
                "expected resize and side between 1 and %s, but they are %s and %s",
                MOST,
                resize,
                side);
        checkArgument(
                divisor > 0 && Double.isFinite(divisor),
                "expected a positive divisor (255 or 1), but it is %s",
                divisor);
        checkArgument(
                mean.length() == 3 && mean.stream().allMatch(Double::isFinite),
                "expected three finite means, one per channel, but they are %s",
                mean);
        checkArgument(
                std.length() == 3 && std.stream().allMatch(s -> s > 0 && Double.isFinite(s)),
                "expected three positive standard deviations, one per channel, but they are %s",
                std);
    }

    /**
     * That of torchvision's ImageNet models: 256, 224, RGB / 255, mean .485 .456 .406, standard deviation .229 .224 .225.
     *
     * @return the preset
     */
    public static Preprocessing imageNet() {
        return new Preprocessing(
                256,
                224,
                255,
                ImmutableDoubleArray.of(0.485, 0.456, 0.406),
                ImmutableDoubleArray.of(0.229, 0.224, 0.225),
                ChannelOrder.RGB);
    }

    /**
     * That of the Caffe model zoo: 256, 224, BGR in 0..255 minus 104, 117, 123.
     *
     * @return the preset
     */
    public static Preprocessing caffe() {
        return new Preprocessing(
                256,
                224,
                1,
                ImmutableDoubleArray.of(104, 117, 123),
                ImmutableDoubleArray.of(1, 1, 1),
                ChannelOrder.BGR);
    }

    /**
     * What Keras calls 'caffe': 256, 224, BGR in 0..255 minus 103.939, 116.779, 123.68. Its ResNet50 (the first version), VGG16
     * and VGG19 want it.
     *
     * @return the preset
     */
    public static Preprocessing kerasCaffe() {
        return new Preprocessing(
                256,
                224,
                1,
                ImmutableDoubleArray.of(103.939, 116.779, 123.68),
                ImmutableDoubleArray.of(1, 1, 1),
                ChannelOrder.BGR);
    }

    /**
     * What Keras calls 'tf': 256, 224, RGB / 127.5 - 1, so that values lie between -1 and 1. Its MobileNet, MobileNetV2,
     * InceptionV3, Xception, ResNetV2 and NASNet want it. What Keras calls 'torch' is {@link #imageNet()}.
     *
     * @return the preset
     */
    public static Preprocessing tensorFlow() {
        return new Preprocessing(
                256, 224, 127.5, ImmutableDoubleArray.of(1, 1, 1), ImmutableDoubleArray.of(1, 1, 1), ChannelOrder.RGB);
    }

    /**
     * A preset by name.
     *
     * @param name {@code imagenet} (or {@code torch}), {@code caffe}, {@code keras-caffe} or {@code tf}
     * @return the preset
     * @throws IllegalArgumentException if there is none of this name; the message lists all
     */
    public static Preprocessing named(String name) {
        return switch (name) {
            case "imagenet", "torch" -> imageNet();
            case "caffe" -> caffe();
            case "keras-caffe" -> kerasCaffe();
            case "tf" -> tensorFlow();
            default ->
                throw new IllegalArgumentException(
                        "there is no preprocessing '" + name
                                + "'; the known ones are 'imagenet', 'caffe', 'keras-caffe' and 'tf', others can be read from a JSON file");
        };
    }

    /**
     * Reads a JSON file such as
     *
     * <pre>{@code
     * {"resize": 256, "side": 224, "divisor": 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "order": "RGB"}
     * }</pre>
     *
     * {@code side} is 224 if left out, and {@code resize} is 8/7 of the side, rounded down; the others are needed.
     *
     * @param file the file
     * @return what it says
     * @throws NeurflowException if it cannot be read, is not such JSON, or its numbers make no sense
     */
    public static Preprocessing read(Path file) {
        return PreprocessingFile.read(file);
    }

    /**
     * The same for a model with inputs of another size; the shorter side becomes 8/7 of it, rounded down, as 256 is of 224.
     *
     * @param pixels side of the square that the model sees
     * @return a copy
     */
    public Preprocessing withSide(int pixels) {
        return new Preprocessing(resizeFor(pixels), pixels, divisor, mean, std, order);
    }

    /**
     * The same with another length of the shorter side before the square is cut out; where it is smaller than the square,
     * the rest is black.
     *
     * @param pixels length of the shorter side
     * @return a copy
     */
    public Preprocessing withResize(int pixels) {
        return new Preprocessing(pixels, side, divisor, mean, std, order);
    }

    static int resizeFor(int side) {
        return (int) Math.min(MOST, side * 8L / 7);
    }

    /**
     * Shape of one input.
     *
     * @return 3 x side x side
     */
    public Shape shape() {
        return new Shape(3, side, side);
    }

    /** Bytes of one crop. */
    int cropBytes() {
        return side * side * 3;
    }

    /** The input's value for each byte, by channel of the input. */
    double[][] table() {
        double[][] table = new double[3][256];
        for (int c = 0; c < 3; c++) {
            for (int b = 0; b < 256; b++) {
                table[c][b] = (b / divisor - mean.get(c)) / std.get(c);
            }
        }
        return table;
    }

    /**
     * One line for people and for provenance.
     *
     * @return such as {@code shorter side 256, crop 224, RGB / 255.0, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]}
     */
    public String describe() {
        return "shorter side " + resize + ", crop " + side + ", " + order + " / " + divisor + ", mean " + mean
                + ", std " + std;
    }

    @Override
    public String toString() {
        return describe();
    }
}
