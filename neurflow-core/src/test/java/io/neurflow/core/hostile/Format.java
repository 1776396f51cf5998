package io.neurflow.core.hostile;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.core.dl4j.Dl4jImporter;
import io.neurflow.core.doctor.NpyArray;
import io.neurflow.core.doctor.NpyBytes;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.LayerPlan;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.image.ImageSource;
import io.neurflow.core.image.Preprocessing;
import io.neurflow.core.keras.KerasImporter;
import io.neurflow.core.label.LabelsJson;
import io.neurflow.core.label.LabelsJsonTest;
import io.neurflow.core.onnx.OnnxImporter;
import io.neurflow.core.onnx.SeedModels;
import io.neurflow.core.report.CircuitGraphs;
import io.neurflow.core.report.CircuitJson;
import io.neurflow.core.report.CircuitReport;
import io.neurflow.core.report.SampleCircuits;
import io.neurflow.core.samediff.SameDiffImporter;
import io.neurflow.core.store.Matrices;
import io.neurflow.core.store.RunStore;
import io.neurflow.core.store.StoreKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A kind of file that comes from strangers. To have another one attacked, add a line to {@link #all}: valid files, words that
 * mean something in it, what to put right after the harm, bytes of memory that a byte of the file may cost, and its reader.
 *
 * @param name also the ending of its files, which readers may go by
 * @param seeds valid files
 * @param words put in at random places
 * @param repair harm that knows the format
 * @param perByte bytes of memory for a byte of the file, beside {@link #FREE}
 * @param reader reads a file, and does with the result what a user would
 */
record Format(
        String name,
        ImmutableList<byte[]> seeds,
        ImmutableList<String> words,
        BiFunction<byte[], Random, byte[]> repair,
        long perByte,
        Reader reader) {
    /** Bytes of memory that any file may cost. */
    static final long FREE = 100L << 20;

    /** What reads a file. */
    interface Reader {
        /** Returns, or throws a NeurflowException; anything else is a find. */
        void read(Path file) throws IOException;
    }

    private static final StoreKey KEY = StoreKey.of("hostile");

    private static final ImmutableList<String> JSON = ImmutableList.of(
            "1e999",
            "-1e999",
            "NaN",
            "null",
            "{}",
            "[]",
            "true",
            "-1",
            "2147483647",
            "99999999999999999999",
            "0.5",
            "\"\"",
            ",",
            "\"\\u2028\"",
            "[".repeat(5000),
            "{\"a\":".repeat(2000),
            "1".repeat(2000),
            "\"index\":0,",
            "\"fc\"");

    private static final ImmutableList<String> KERAS = ImmutableList.<String>builder()
            .addAll(JSON)
            .add(
                    "\"Conv2D\"",
                    "\"Functional\"",
                    "\"valid\"",
                    "\"\\u001b[2J\\n\"",
                    "\"config\":",
                    "\"class_name\":",
                    "[\"conv2d\", 0, 0, {}]")
            .build();

    private static final ImmutableList<String> DL4J = ImmutableList.<String>builder()
            .addAll(JSON)
            .add("\"Same\"", "\"Truncate\"", "\"@class\":", "LayerVertex", "\"nout\":", "\"nin\":")
            .build();

    static ImmutableList<Format> all() {
        return ImmutableList.of(
                new Format("onnx", models(), ImmutableList.of("Conv", "Pad"), Repair::protobuf, 400, Format::model),
                new Format("onnx.gz", zipped(), ImmutableList.of(), Repair::none, 400, Format::model),
                new Format("h5", keras(".h5"), KERAS, Repair::text, 2000, Format::keras),
                new Format("keras", keras(".keras"), KERAS, Repair::zip, 20_000, Format::keras),
                new Format("zip", EngineSeeds.dl4j(), DL4J, Repair::zip, 20_000, Format::dl4j),
                new Format(
                        "fb",
                        EngineSeeds.sameDiff(),
                        ImmutableList.of("conv2d", "add"),
                        Repair::words,
                        4000,
                        Format::fb),
                new Format("png", pngs(), ImmutableList.of("IDAT", "tRNS"), Repair::png, 60_000, Format::image),
                new Format("jpg", jpegs(), ImmutableList.of("Exif"), Repair::none, 60_000, Format::image),
                new Format("circuit.json", circuits(), JSON, Repair::none, 4000, Format::circuit),
                new Format("labels.json", labels(), JSON, Repair::none, 4000, LabelsJson::read),
                new Format("preprocessing.json", settings(), JSON, Repair::none, 4000, Preprocessing::read),
                new Format("entry", entries(), ImmutableList.of(), Repair::entry, 400, Format::entry),
                new Format("npy", arrays(), ImmutableList.of("True", "<f8"), Repair::none, 400, NpyArray::read),
                new Format(
                        "matrices",
                        matrices(),
                        ImmutableList.of(),
                        Repair::none,
                        400,
                        file -> Matrices.ofBytes(Files.readAllBytes(file))));
    }

    static Format named(String name) {
        return all().stream().filter(f -> f.name.equals(name)).findFirst().orElseThrow();
    }

    private static void model(Path file) {
        look(OnnxImporter.read(file));
    }

    private static void keras(Path file) {
        look(KerasImporter.read(file));
    }

    private static void dl4j(Path file) {
        look(Dl4jImporter.read(file, EngineSeeds.SHAPE));
    }

    private static void fb(Path file) {
        SameDiffImporter.recognises(file);
        look(SameDiffImporter.read(file));
    }

    private static void look(NetworkGraph graph) {
        LayerNames.of(graph);
        try {
            LayerPlan.suggested(2).layersOf(graph).withFoldedNormalisation();
        } catch (IllegalArgumentException e) {
            // A model may have no layers to look at; it says so.
        }
        if (graph.nodes().stream().mapToLong(Engines::cost).sum() < 3_000_000) {
            Engines.run(graph, Boolean.getBoolean("neurflow.hostile.native"));
        }
    }

    private static void image(Path file) {
        ImageSource.files(List.of(file), Preprocessing.imageNet().withSide(32))
                .pixelLimit(1 << 22)
                .load()
                .inputs(ImmutableIntArray.of(0));
    }

    private static void circuit(Path file) {
        var circuit = CircuitJson.read(file);
        CircuitGraphs.dot(circuit);
        CircuitGraphs.graphMl(circuit);
        CircuitReport.of(circuit).toHtml();
    }

    private static void entry(Path file) throws IOException {
        RunStore store = RunStore.at(file.resolveSibling("store")).onWarning(line -> {});
        store.put(KEY, List.of());
        Files.copy(file, entryOf(store.folder()), StandardCopyOption.REPLACE_EXISTING);
        store.get(KEY);
    }

    private static ImmutableList<byte[]> models() {
        return ImmutableList.of(resource("golden/tiny-paper/model.onnx"), SeedModels.manyOperators());
    }

    private static ImmutableList<byte[]> keras(String ending) {
        return Stream.of("sequential", "nested", "residual", "mobile")
                .map(name -> resource("keras/" + name + ending))
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<byte[]> zipped() {
        return models().stream().map(Format::gzip).collect(ImmutableList.toImmutableList());
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    private static ImmutableList<byte[]> pngs() {
        return Stream.of("small", "palette", "alpha", "grey")
                .map(name -> resource("golden/preprocessing/" + name + ".png"))
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<byte[]> jpegs() {
        return Stream.of("golden/preprocessing/jpeg420.jpg", "images/progressive.jpg", "images/cmyk.jpg")
                .map(Format::resource)
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<byte[]> circuits() {
        return ImmutableList.of(utf8(CircuitJson.write(SampleCircuits.small())));
    }

    private static ImmutableList<byte[]> labels() {
        return ImmutableList.of(utf8(LabelsJson.write(LabelsJsonTest.full())));
    }

    private static ImmutableList<byte[]> settings() {
        return ImmutableList.of(
                utf8("{\"resize\": 256, \"side\": 224, \"divisor\": 255, \"mean\": [0.485, 0.456, 0.406],"
                        + " \"std\": [0.229, 0.224, 0.225], \"order\": \"RGB\"}"));
    }

    private static ImmutableList<byte[]> matrices() {
        return ImmutableList.of(Matrices.toBytes(List.of(new double[][] {{1, 2}, {0.1, 4}}, new double[3][1])));
    }

    private static ImmutableList<byte[]> arrays() {
        return ImmutableList.of(
                resource("golden/tiny-paper/importance_fc_4_riemann_right.npy"), NpyBytes.of(new float[6], 2, 3));
    }

    private static ImmutableList<byte[]> entries() {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("entries");
            RunStore store = RunStore.at(folder);
            store.put(KEY, List.of(new double[][] {{1, 2}, {0.1, 4}}, new double[3][1]));
            return ImmutableList.of(Files.readAllBytes(entryOf(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    private static Path entryOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".entry"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    static void delete(@Nullable Path folder) {
        if (folder != null) {
            try {
                MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] resource(String name) {
        try (InputStream in = Format.class.getResourceAsStream("/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
