package io.neurflow.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.image.PatchPictures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels from names and pixels, on patches whose answer is plain. */
class OfflineLabelersTest {
    private static final int GREEN = 0x20a020;
    private static final int GREY = 0x808080;

    @TempDir
    private Path folder;

    /** Patch i is all of image i. */
    private static ImmutableList<Patch> patches(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> new Patch(i, i, 1, 0, 0, 8))
                .collect(ImmutableList.toImmutableList());
    }

    private static ImmutableList<SourceImage> images(String... names) {
        return IntStream.range(0, names.length)
                .mapToObj(i -> new SourceImage(i, names[i], "%064x".formatted(i)))
                .collect(ImmutableList.toImmutableList());
    }

    private static ConceptView view(
            List<Patch> here, List<Patch> there, ImmutableList<SourceImage> images, PatchPictures pictures) {
        return new ConceptView("a/G0", ImmutableList.copyOf(here), ImmutableList.copyOf(there), images, pictures);
    }

    private static PatchPictures coloured(int greens) {
        return (patch, side) -> {
            BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    picture.setRGB(x, y, patch.index() < greens ? GREEN : GREY);
                }
            }
            return picture;
        };
    }

    private static PatchPictures striped(boolean upright) {
        return (patch, side) -> {
            BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    picture.setRGB(x, y, (upright ? x : y) / 8 % 2 == 0 ? 0xffffff : 0);
                }
            }
            return picture;
        };
    }

    @Test
    void statisticsSayWhatPatchesHaveThatOthersHaveNot() {
        StatisticsLabeler labeler = new StatisticsLabeler();
        ConceptLabel label = labeler.label(view(patches(0, 4), patches(4, 8), images(), coloured(4)));
        assertThat(label.features()).contains("green").doesNotContain("grey");
        assertThat(label.caption()).contains("green (100 %, elsewhere 0 %)");
        assertThat(label.origin().labeler()).isEqualTo("image statistics");
        assertThat(label.origin().usage()).isEqualTo(Usage.NONE);
    }

    @Test
    void statisticsAdmitThatNothingIsSpecial() {
        ConceptLabel label = new StatisticsLabeler().label(view(patches(0, 4), patches(4, 8), images(), coloured(100)));
        assertThat(label.caption()).startsWith("like patches elsewhere; also ").contains("green");
    }

    @Test
    void statisticsKnowDirections() {
        assertThat(new StatisticsLabeler()
                        .label(view(patches(0, 2), List.of(), images(), striped(true)))
                        .features())
                .contains("vertical edges", "high contrast")
                .doesNotContain("horizontal edges");
        assertThat(new StatisticsLabeler()
                        .label(view(patches(0, 2), List.of(), images(), striped(false)))
                        .features())
                .contains("horizontal edges");
    }

    @Test
    void statisticsFindTheOddOne() {
        StatisticsLabeler labeler = new StatisticsLabeler();
        ConceptLabel label = labeler.label(view(patches(0, 4), patches(4, 8), images(), coloured(4)));
        List<Patch> choices = List.of(
                patches(0, 1).get(0), patches(6, 7).get(0), patches(2, 3).get(0));
        OddOneOutJudge.Choice choice =
                labeler.oddOneOut(label, view(choices, List.of(), images(), coloured(4)), new Random(1));
        assertThat(choice).isEqualTo(new OddOneOutJudge.Choice(1, Usage.NONE));
    }

    @Test
    void namesSayWhatMostImagesAreCalledAndLeaveOutWhatCamerasWrite() {
        ImmutableList<SourceImage> images = images(
                "IMG_daisy_01.JPG",
                "daisy-2.jpg",
                "daisy.png",
                "tulip.jpg",
                "rose_daisy.jpg",
                "rose 3.jpg",
                "rose.jpg");
        NameLabeler labeler = new NameLabeler();
        ConceptLabel label = labeler.label(view(patches(0, 4), patches(4, 7), images, coloured(0)));
        assertThat(label.features()).containsExactly("daisy");
        assertThat(label.caption()).isEqualTo("from images named daisy (75 %, elsewhere 33 %)");
        List<Patch> choices = List.of(
                patches(0, 1).get(0), patches(1, 2).get(0), patches(6, 7).get(0));
        assertThat(labeler.oddOneOut(label, view(choices, List.of(), images, coloured(0)), new Random(1))
                        .position())
                .isEqualTo(2);
    }

    @Test
    void namesAdmitThatTheyTellNothing() {
        ImmutableList<SourceImage> same = images("bee_1.jpg", "bee_2.jpg", "bee_3.jpg", "bee_4.jpg");
        assertThat(new NameLabeler()
                        .label(view(patches(0, 2), patches(2, 4), same, coloured(0)))
                        .caption())
                .isEqualTo("names of images do not tell it apart; all are named bee");
        ImmutableList<SourceImage> numbers = images("0001.jpg", "0002.jpg", "0003.jpg");
        assertThat(new NameLabeler()
                        .label(view(patches(0, 2), patches(2, 3), numbers, coloured(0)))
                        .caption())
                .isEqualTo("images whose names have no word in common");
    }

    private SourceImage image(int index, String path, String content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        String digest =
                Hashing.sha256().hashString(content, StandardCharsets.UTF_8).toString();
        return new SourceImage(index, String.valueOf(file.getFileName()), digest);
    }

    @Test
    void foldersAreFoundByTheContentOfTheirImages() throws IOException {
        SourceImage bee = image(0, "bees/wild/1.jpg", "a bee");
        SourceImage ant = image(1, "ants/1.jpg", "an ant");
        image(2, "wasps/1.jpg", "a wasp");
        SourceImage elsewhere = new SourceImage(3, "9.jpg", "00");
        FolderNames names = FolderNames.below(folder, List.of(bee, ant, elsewhere));
        assertThat(names.apply(bee)).isEqualTo(Path.of("bees", "wild").toString());
        assertThat(names.apply(ant)).isEqualTo("ants");
        assertThat(names.apply(elsewhere)).isEmpty();
        ImmutableList<SourceImage> images = ImmutableList.of(bee, ant);
        assertThat(new NameLabeler(names)
                        .label(view(patches(0, 1), patches(1, 2), images, coloured(0)))
                        .features())
                .containsExactly("bees", "wild");
    }

    @Test
    void foldersThatHoldNoneOfTheImagesAreRefused() throws IOException {
        SourceImage bee = image(0, "bees/1.jpg", "a bee");
        assertThatThrownBy(() -> FolderNames.below(folder.resolve("none"), List.of(bee)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("does not exist; check the path");
        assertThatThrownBy(() -> FolderNames.below(folder.resolve("bees/1.jpg"), List.of(bee)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("is a file; name the folder above it");
        assertThatThrownBy(() -> FolderNames.below(folder.resolve("bees"), List.of(bee)))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("name the folder above the one that the images are in");
    }
}
