package io.neurflow.examples;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Files that people take for models that can be read, and what to do with each instead. */
final class ForeignFile {
    /** Bytes at a file's start that suffice to tell. */
    static final int HEAD = 512;

    private ForeignFile() {}

    /**
     * What to say of a file, unless it may be a model.
     *
     * @param file for its name
     * @param head its first bytes, {@link #HEAD} at most
     * @param readable what can be read
     * @return one line, or nothing
     */
    static Optional<String> refusal(Path file, byte[] head, String readable) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs.")) {
            return Optional.of(
                    "'" + file + "' is a pointer of Git LFS, expected the model itself; fetch it with 'git lfs pull'");
        }
        String small = text.stripLeading().toLowerCase(Locale.ROOT);
        if (small.startsWith("<!doctype html") || small.startsWith("<html")) {
            return Optional.of(
                    "'" + file + "' is a web page, expected a model; download the file itself, not the page about it");
        }
        if (isText(head)) {
            return Optional.of("'" + file + "' is no model that can be read but text: expected " + readable
                    + "; copy the file again, or export the model as one of these");
        }
        if (text.startsWith("TFL3", 4) || called(file, ".tflite")) {
            return Optional.of("'" + file + "' is a model of TensorFlow Lite, expected " + readable
                    + "; name the Keras model that it was made from");
        }
        // Eight bytes of length, then JSON.
        if (text.startsWith("\0\0{\"", 6) || called(file, ".safetensors")) {
            return Optional.of("'" + file + "' holds weights without the model they belong to, expected " + readable
                    + "; export the model with torch.onnx.export");
        }
        if (called(file, ".mlmodel")) {
            return Optional.of(coreMl(file));
        }
        if (called(file, ".pb")) {
            return Optional.of("'" + file + "' is a graph of TensorFlow, expected " + readable
                    + "; load it in Keras and save it with model.save('model.keras'), or convert it with tf2onnx");
        }
        return Optional.empty();
    }

    static String coreMl(Path file) {
        return "'" + file + "' is a model of Core ML, which cannot be read; name the model that it was converted from";
    }

    static boolean called(Path file, String ending) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(ending);
    }

    /** Every format of models has bytes below 32 in its first bytes that no text has. */
    private static boolean isText(byte[] head) {
        for (byte b : head) {
            if (b >= 0 && b < 32 && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
                return false;
            }
        }
        return true;
    }
}
