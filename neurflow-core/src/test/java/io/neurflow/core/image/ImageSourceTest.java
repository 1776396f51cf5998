package io.neurflow.core.image;

import static io.neurflow.core.image.TestPictures.bytes;
import static io.neurflow.core.image.TestPictures.drawn;
import static io.neurflow.core.image.TestPictures.encoded;
import static io.neurflow.core.image.TestPictures.golden;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.SourceImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourceTest {
    private static final Preprocessing SMALL = Preprocessing.imageNet().withSide(14);

    @TempDir
    Path folder;

    private void write(String name, byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
    }

    private static byte[] png(int seed) {
        return encoded(drawn(20, 17, seed).toImage(), "png");
    }

    @Test
    void theFilesOfAFolderComeInPythonsOrderAndOthersAreCounted() throws IOException {
        for (String name :
                List.of("b.PNG", "a.jpg", "B.jpeg", "\uff5e.png", "\ud83d\udc1d.png", ".hidden.png", "x.txt")) {
            write(name, png(1));
        }
        Files.createDirectory(folder.resolve("c.png"));
        ImageSource source = ImageSource.directory(folder, SMALL);
        assertThat(source.files().stream().map(f -> f.getFileName().toString()))
                .containsExactly("B.jpeg", "a.jpg", "b.PNG", "\uff5e.png", "\ud83d\udc1d.png");
        assertThat(source.ignored()).isEqualTo(1);
        assertThat(source.limit(2).files()).hasSize(2);
        assertThat(source.limit(2).load().size()).isEqualTo(2);
    }

    @Test
    void imagesCarryTheDigestOfTheirFilesAndBadFilesAreListedWhileTheRunGoesOn() throws IOException {
        write("1.png", png(1));
        write("2.jpg", new byte[0]);
        write("3.jpg", "not a picture".getBytes(US_ASCII));
        write("4.png", png(4));
        ImageSet set = ImageSource.directory(folder, SMALL).load();
        assertThat(set.images())
                .containsExactly(
                        new SourceImage(
                                0, "1.png", Hashing.sha256().hashBytes(png(1)).toString()),
                        new SourceImage(
                                1, "4.png", Hashing.sha256().hashBytes(png(4)).toString()));
        assertThat(set.problems())
                .containsExactly(
                        new ImageProblem("2.jpg", "an empty file of 0 bytes"),
                        new ImageProblem(
                                "3.jpg", "neither JPEG nor PNG, whatever its name: it begins with 'not a pictur'"));
        assertThat(set.problems().get(0)).hasToString("2.jpg: an empty file of 0 bytes");
        assertThat(set.crop(1)).isEqualTo(ByteResize.crop(drawn(20, 17, 4), 16, 14).rgb);
        assertThat(set.picture(1).getWidth()).isEqualTo(14);
    }

    @Test
    void foldersThatAreNoneOrHaveNoImagesAreRefusedWithARemedy() throws IOException {
        assertThatThrownBy(() -> ImageSource.directory(folder.resolve("none"), SMALL))
                .isInstanceOf(NeurflowException.class)
                .hasMessageEndingWith("none does not exist; check the path");
        assertThatThrownBy(() -> ImageSource.directory(folder, SMALL))
                .isInstanceOf(NeurflowException.class)
                .hasMessageEndingWith(" has no files; name the folder that directly contains them");
        write("x.txt", new byte[1]);
        assertThatThrownBy(() -> ImageSource.directory(folder, SMALL))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining(" has only 1 files of other kinds; ");
        assertThatThrownBy(() -> ImageSource.directory(folder.resolve("x.txt"), SMALL))
                .isInstanceOf(NeurflowException.class)
                .hasMessageEndingWith(" is a file; name the folder that it is in");
    }

    @Test
    void whenNoFileCanBeDecodedTheFirstReasonIsGiven() throws IOException {
        write("2.jpg", new byte[0]);
        assertThatThrownBy(() -> ImageSource.directory(folder, SMALL).load())
                .isInstanceOf(NeurflowException.class)
                .hasMessage("expected images, but none of 1 files can be decoded, the first: 2.jpg: an empty file of 0"
                        + " bytes; convert them to JPEG or PNG");
    }

    @Test
    void aListOfFilesKeepsItsOrderAndMissingOnesAreProblems() throws IOException {
        write("b.png", png(1));
        write("a.data", png(2));
        ImageSet set = ImageSource.files(
                        List.of(folder.resolve("b.png"), folder.resolve("gone.png"), folder.resolve("a.data"), folder),
                        SMALL)
                .load();
        assertThat(set.images().stream().map(SourceImage::name)).containsExactly("b.png", "a.data");
        assertThat(set.problems().stream().map(ImageProblem::reason))
                .containsExactly("there is no such file (any more)", "a folder, not a file");
    }

    @Test
    void cropsThatWereForgottenAreDecodedAgainUnlessTheFileHasChanged() throws IOException {
        write("1.png", png(1));
        write("2.png", png(2));
        ImageSet set = ImageSource.directory(folder, SMALL).cachedCrops(1).load();
        byte[] first = set.crop(0);
        assertThat(first).isEqualTo(ByteResize.crop(drawn(20, 17, 1), 16, 14).rgb);
        write("2.png", png(3));
        assertThatThrownBy(() -> set.input(1))
                .isInstanceOf(NeurflowException.class)
                .hasMessageStartingWith("2.png has changed since the run began");
        Files.delete(folder.resolve("2.png"));
        assertThatThrownBy(() -> set.input(1))
                .isInstanceOf(NeurflowException.class)
                .hasMessageStartingWith("2.png was readable when the run began, but now: there is no such file");
    }

    @Test
    void aSelectionIsNumberedAnewAndShowsTheSamePixels() throws IOException {
        write("1.png", png(1));
        write("2.png", png(2));
        ImageSet set = ImageSource.directory(folder, SMALL).load();
        ImageSet second = set.select(ImmutableIntArray.of(1));
        assertThat(second.images().get(0).name()).isEqualTo("2.png");
        assertThat(second.images().get(0).index()).isZero();
        assertThat(second.crop(0)).isEqualTo(set.crop(1));
        assertThatThrownBy(() -> second.crop(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void cropsInMemoryAreTakenAsTheyAre() {
        byte[] crop = drawn(14, 14, 9).rgb;
        ImageSet set =
                ImageSource.ofCrops(List.of("drawn"), List.of(crop), SMALL).load();
        assertThat(set.crop(0)).isEqualTo(crop);
        assertThat(set.images().get(0).digest())
                .isEqualTo(Hashing.sha256().hashBytes(crop).toString());
        assertThatThrownBy(() -> ImageSource.ofCrops(List.of("a"), List.of(new byte[3]), SMALL))
                .hasMessage("expected 588 bytes for a crop of side 14, but a has 3;"
                        + " call withSide on the preprocessing if it is smaller");
        assertThatThrownBy(() -> ImageSource.ofCrops(List.of("a", "b"), List.of(crop), SMALL))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void orientationIsAppliedUnlessThePictureIsTakenAsStored() throws IOException {
        byte[] jpeg = TestPictures.withSegment(
                bytes(golden("jpeg444.jpg")),
                0xe1,
                TestPictures.concat(TestPictures.ascii("Exif\0\0"), TestPictures.tiffWithOrientation(3, true)));
        write("turned.jpg", jpeg);
        ImageSource source = ImageSource.directory(folder, SMALL);
        Pixels stored = TestPictures.decoded("jpeg444.jpg");
        assertThat(source.load().crop(0)).isEqualTo(ByteResize.crop(stored.upright(3), 16, 14).rgb);
        assertThat(source.asStored().load().crop(0)).isEqualTo(ByteResize.crop(stored, 16, 14).rgb);
    }

    @Test
    void thePixelLimitCanBeSet() throws IOException {
        write("1.png", png(1));
        ImageSource source = ImageSource.directory(folder, SMALL);
        assertThat(source.pixelLimit(340).load().size()).isEqualTo(1);
        assertThatThrownBy(() -> source.pixelLimit(339).load()).hasMessageContaining("declares 20x17 pixels");
        assertThatThrownBy(() -> source.pixelLimit(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void imageIosSettingsStayAsTheyWere() throws IOException {
        write("1.png", png(1));
        boolean before = ImageIO.getUseCache();
        ImageSource.directory(folder, SMALL).load();
        assertThat(ImageIO.getUseCache()).isEqualTo(before);
    }
}
