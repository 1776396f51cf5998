package io.neurflow.examples;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Shape;
import io.neurflow.core.image.Preprocessing;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How photographs become inputs. */
final class PreprocessingOption {
    private static final ImmutableSet<String> BUILT_IN =
            ImmutableSet.of("imagenet", "torch", "caffe", "keras-caffe", "tf");

    @Option(
            names = "--preprocessing",
            paramLabel = "imagenet|caffe|keras-caffe|tf|FILE",
            description =
                    "How pixels become inputs: imagenet (RGB / 255, less mean, by deviation; default; Keras calls it"
                            + " torch), caffe (BGR less 104, 117, 123), keras-caffe (BGR less 103.939, 116.779, 123.68), tf"
                            + " (RGB / 127.5 - 1), or a JSON file that says it.")
    private @Nullable String text;

    boolean given() {
        return text != null;
    }

    /** Reads it, so that a mistake shows before the work. */
    Preprocessing read() {
        String name = text == null ? "imagenet" : text;
        // A file or folder of the working directory must not change what a built-in name means.
        if (BUILT_IN.contains(name)) {
            return Preprocessing.named(name);
        }
        Path file = Path.of(name);
        checkArgument(
                Files.isRegularFile(file),
                "expected imagenet, caffe, keras-caffe, tf or a JSON file for --preprocessing, but '%s' is %s; check its"
                        + " spelling",
                name,
                Files.isDirectory(file) ? "a folder" : "none of them");
        return Preprocessing.read(file);
    }

    /** Fits it to the model. A preset takes any size; a file has said which size it means. */
    Preprocessing fittedTo(Shape input) {
        Preprocessing read = read();
        if (read.shape().equals(input)) {
            return read;
        }
        checkArgument(
                input.channels() == 3 && input.height() == input.width(),
                "expected a model of square colour images, 3xNxN, but its input is %s; cut such images in a program of"
                        + " your own",
                input);
        checkArgument(
                text == null || BUILT_IN.contains(text),
                "expected the side of the model's input, %s, but '%s' says %s; put \"side\": %s into it",
                input.height(),
                text,
                read.side(),
                input.height());
        return read.withSide(input.height());
    }
}
