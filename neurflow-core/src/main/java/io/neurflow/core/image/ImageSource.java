package io.neurflow.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where images come from: a folder, a list of files, or crops in memory; with what is done to them before the model sees
 * them. Immutable: every configuration method returns a copy. Nothing is decoded before {@link #load()}.
 *
 * <p>JPEG and PNG files are read as the Python world reads them (Pillow's {@code convert("RGB")}): alpha is dropped, colour
 * profiles are ignored, grey is repeated, print colours are mixed without a profile. Unlike there, EXIF orientation is
 * applied unless {@link #asStored()} is called, and 16-bit grey keeps its upper 8 bits. Files that cannot be decoded are
 * listed in {@link ImageSet#problems()}; the run goes on with the rest.
 */
public final class ImageSource {
    /** The most pixels that a picture may have unless {@link #pixelLimit} says otherwise: 2^26. */
    private static final long PIXEL_LIMIT = 1L << 26;

    private static final int CACHED_CROPS = 256;

    private static final Set<String> SUFFIXES = Set.of("jpg", "jpeg", "png");

    /** As Python sorts: by code points, which is not the order of Java's chars beyond U+FFFF. */
    private static final Comparator<Path> BY_NAME = Comparator.comparing(
            (Path file) -> file.getFileName().toString().codePoints().toArray(), Arrays::compare);

    private final ImmutableList<Path> files;
    private final ImmutableList<Item> crops;
    private final int ignored;
    private final Preprocessing preprocessing;
    private final Decoder decoder;
    private final int cachedCrops;

    private ImageSource(
            ImmutableList<Path> files,
            ImmutableList<Item> crops,
            int ignored,
            Preprocessing preprocessing,
            Decoder decoder,
            int cachedCrops) {
        this.files = files;
        this.crops = crops;
        this.ignored = ignored;
        this.preprocessing = preprocessing;
        this.decoder = decoder;
        this.cachedCrops = cachedCrops;
    }

    /**
     * The files of a folder that end in .jpg, .jpeg or .png, whatever the case, in the order of their names by code
     * points. Hidden files and subfolders are left alone; other files are counted in {@link #ignored()}.
     *
     * @param folder the folder
     * @param preprocessing what happens to each image
     * @return the source
     * @throws NeurflowException if it is not a folder, cannot be read, or has no such file
     */
    public static ImageSource directory(Path folder, Preprocessing preprocessing) {
        if (!Files.isDirectory(folder)) {
            throw new NeurflowException("expected a folder of photographs, but " + folder
                    + (Files.exists(folder)
                            ? " is a file; name the folder that it is in"
                            : " does not exist; check the path"));
        }
        ImmutableList<Path> all;
        try (Stream<Path> entries = Files.list(folder)) {
            all = entries.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted(BY_NAME)
                    .collect(ImmutableList.toImmutableList());
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a folder of photographs, but " + folder + " cannot be read; check its permissions", e);
        }
        ImmutableList<Path> images = all.stream()
                .filter(file ->
                        SUFFIXES.contains(MoreFiles.getFileExtension(file).toLowerCase(Locale.ROOT)))
                .collect(ImmutableList.toImmutableList());
        if (images.isEmpty()) {
            throw new NeurflowException("expected photographs that end in .jpg, .jpeg or .png, but " + folder
                    + (all.isEmpty() ? " has no files" : " has only " + all.size() + " files of other kinds")
                    + "; name the folder that directly contains them");
        }
        return source(images, ImmutableList.of(), all.size() - images.size(), preprocessing);
    }

    /**
     * Some files, whatever their names end in, in the order given.
     *
     * @param files at least one
     * @param preprocessing what happens to each image
     * @return the source
     */
    public static ImageSource files(List<Path> files, Preprocessing preprocessing) {
        checkArgument(!files.isEmpty(), "expected at least one image file, but the list is empty");
        return source(ImmutableList.copyOf(files), ImmutableList.of(), 0, preprocessing);
    }

    /**
     * Crops that are in memory already: drawn by code, or decoded elsewhere.
     *
     * @param names one for each crop
     * @param crops bytes [side, side, 3] row-major, RGB, as big as the preprocessing says; copied
     * @param preprocessing how bytes become inputs; nothing is resized
     * @return the source
     */
    public static ImageSource ofCrops(List<String> names, List<byte[]> crops, Preprocessing preprocessing) {
        checkArgument(
                !names.isEmpty() && names.size() == crops.size(),
                "expected as many names as crops, at least one, but there are %s and %s",
                names.size(),
                crops.size());
        ImmutableList.Builder<Item> items = ImmutableList.builder();
        for (int i = 0; i < crops.size(); i++) {
            byte[] crop = crops.get(i);
            checkArgument(
                    crop.length == preprocessing.cropBytes(),
                    "expected %s bytes for a crop of side %s, but %s has %s; call withSide on the preprocessing if it is smaller",
                    preprocessing.cropBytes(),
                    preprocessing.side(),
                    names.get(i),
                    crop.length);
            items.add(Item.ofCrop(names.get(i), crop.clone()));
        }
        return source(ImmutableList.of(), items.build(), 0, preprocessing);
    }

    private static ImageSource source(
            ImmutableList<Path> files, ImmutableList<Item> crops, int ignored, Preprocessing preprocessing) {
        return new ImageSource(files, crops, ignored, preprocessing, new Decoder(true, PIXEL_LIMIT), CACHED_CROPS);
    }

    /**
     * The first images only.
     *
     * @param most how many at most, readable or not; at least 1
     * @return a copy
     */
    public ImageSource limit(int most) {
        checkArgument(most > 0, "expected a limit of at least 1 image, but it is %s", most);
        return new ImageSource(
                files.subList(0, Math.min(most, files.size())),
                crops.subList(0, Math.min(most, crops.size())),
                ignored,
                preprocessing,
                decoder,
                cachedCrops);
    }

    /**
     * Leaves pictures as they are stored: EXIF orientation is not applied, as in most Python pipelines. By default it is,
     * so that the model sees what people see.
     *
     * @return a copy
     */
    public ImageSource asStored() {
        return with(new Decoder(false, decoder.pixelLimit()), cachedCrops);
    }

    /**
     * Refuses pictures with more pixels before memory is taken for them. By default 2^26, 67 million: about 0.4 GB each
     * while one is being decoded.
     *
     * @param pixels 1 to 700 million
     * @return a copy
     */
    public ImageSource pixelLimit(long pixels) {
        checkArgument(
                pixels > 0 && pixels <= 700_000_000,
                "expected a limit between 1 and 700,000,000 pixels, but it is %s",
                pixels);
        return with(new Decoder(decoder.upright(), pixels), cachedCrops);
    }

    /**
     * Keeps so many crops in memory. By default 256: 38 MB at 224 pixels.
     *
     * @param most at least 1
     * @return a copy
     */
    public ImageSource cachedCrops(int most) {
        checkArgument(most > 0, "expected to keep at least 1 crop in memory, but it is %s", most);
        return with(decoder, most);
    }

    private ImageSource with(Decoder how, int kept) {
        return new ImageSource(files, crops, ignored, preprocessing, how, kept);
    }

    /**
     * The files.
     *
     * @return in order; empty if the images are in memory
     */
    public ImmutableList<Path> files() {
        return files;
    }

    /**
     * How many images there are, readable or not.
     *
     * @return at least 1
     */
    public int size() {
        return files.size() + crops.size();
    }

    /**
     * How many files of the folder were left out because their names end otherwise; hidden ones do not count.
     *
     * @return 0 or more
     */
    public int ignored() {
        return ignored;
    }

    /**
     * What happens to an image before the model sees it.
     *
     * @return as given
     */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * Decodes every image once, to know which can be used, and its digest.
     *
     * @return those that can be decoded
     * @throws NeurflowException if none can
     */
    public ImageSet load() {
        ImageSet.Builder set = builder();
        for (Item item : items()) {
            try {
                set.add(item, item.load());
            } catch (UnusableImageException e) {
                set.addProblem(e.problemOf(item));
            }
        }
        return set.build();
    }

    ImageSet.Builder builder() {
        return new ImageSet.Builder(preprocessing, cachedCrops);
    }

    ImmutableList<Item> items() {
        return files.isEmpty()
                ? crops
                : files.stream()
                        .map(file -> Item.ofFile(file, preprocessing, decoder))
                        .collect(ImmutableList.toImmutableList());
    }

    @Override
    public String toString() {
        return size() + " images, " + ignored + " other files, " + preprocessing;
    }
}
