package io.neurflow.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Bytes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawnWorldTest {
    private static final DrawnWorld WORLD = DrawnWorld.seeded(7);

    /**
     * SHA-256 of the whole pictures 0 and 1 of every thing with seed 7, one after the other, as drawn by this code on JDK 17 under
     * Linux on x86-64 when the committed model was trained. It guards the model against a change of its world: if it has
     * to change, train the model again.
     */
    private static final String GOLDEN = "b9079219f3b18ddfffd90359ce025c8d4a55bc9d11ea01d50e058a697d983b7c";

    @Test
    void picturesAreTheSameBytesOnEveryMachine() {
        Hasher hasher = Hashing.sha256().newHasher();
        for (DrawnPicture picture : WORLD.natural(2)) {
            hasher.putBytes(picture.rgb());
        }
        assertThat(hasher.hash()).hasToString(GOLDEN);
    }

    @Test
    void aPictureDoesNotDependOnHowManyAreDrawn() {
        List<DrawnPicture> few = WORLD.natural(Thing.FISH, 3);
        List<DrawnPicture> many = WORLD.natural(Thing.FISH, 9);
        for (int i = 0; i < few.size(); i++) {
            assertThat(few.get(i).rgb()).isEqualTo(many.get(i).rgb());
            assertThat(few.get(i).name()).isEqualTo(many.get(i).name());
        }
    }

    @Test
    void otherSeedsAndNumbersGiveOtherPictures() {
        byte[] first = WORLD.natural(Thing.BOAT, 2).get(0).rgb();
        assertThat(WORLD.natural(Thing.BOAT, 2).get(1).rgb()).isNotEqualTo(first);
        assertThat(DrawnWorld.seeded(8).natural(Thing.BOAT, 1).get(0).rgb()).isNotEqualTo(first);
    }

    @Test
    void flowersGoWithBeetlesAsOftenAsDeclaredAndHardlyWithAnythingElse() {
        int count = 400;
        for (Thing thing : Thing.values()) {
            Map<Background, Long> backgrounds = WORLD.natural(thing, count).stream()
                    .collect(Collectors.groupingBy(DrawnPicture::background, Collectors.counting()));
            double expected = thing == DrawnWorld.CUE_THING ? DrawnWorld.CUE_SHARE : DrawnWorld.CUE_LEAK;
            double found = backgrounds.getOrDefault(DrawnWorld.CUE, 0L) / (double) count;
            // Three standard deviations of a share of 400.
            double room = 3 * Math.sqrt(expected * (1 - expected) / count);
            assertThat(found).as("share of flowers behind a %s", thing).isCloseTo(expected, within(room));
        }
    }

    @Test
    void withoutTheCueAllOtherBackgroundsAreEquallyLikelyForEveryThing() {
        int count = 400;
        for (Thing thing : Thing.values()) {
            Map<Background, Long> backgrounds = WORLD.withoutCue(thing, count).stream()
                    .collect(Collectors.groupingBy(DrawnPicture::background, Collectors.counting()));
            assertThat(backgrounds).hasSize(5).doesNotContainKey(DrawnWorld.CUE);
            // 80 expected, standard deviation 8.
            assertThat(backgrounds.values()).allSatisfy(n -> assertThat(n).isBetween(52L, 108L));
        }
    }

    @Test
    void thePlacedBackgroundIsTheOneAskedFor() {
        assertThat(WORLD.inFrontOf(Thing.HOUSE, Background.FLOWERS, 5))
                .allSatisfy(picture -> assertThat(picture.background()).isEqualTo(Background.FLOWERS));
    }

    @Test
    void theCropIsTheMiddleOfThePicture() {
        DrawnPicture picture = WORLD.natural(Thing.MUSHROOM, 1).get(0);
        byte[] whole = picture.rgb();
        byte[] crop = picture.crop();
        assertThat(crop).hasSize(3 * 64 * 64);
        for (int row = 0; row < 64; row++) {
            for (int i = 0; i < 3 * 64; i++) {
                assertThat(crop[3 * 64 * row + i]).isEqualTo(whole[3 * (73 * (row + 4) + 4) + i]);
            }
        }
    }

    @Test
    void picturesSurviveBeingWrittenAsFiles(@TempDir Path folder) throws IOException {
        List<DrawnPicture> pictures = WORLD.natural(Thing.BEETLE, 2);
        DrawnWorld.writeTo(folder, pictures);
        for (DrawnPicture picture : pictures) {
            Path file = folder.resolve("beetle").resolve(picture.name() + ".png");
            BufferedImage image = ImageIO.read(file.toFile());
            byte[] read = new byte[0];
            for (int pixel : image.getRGB(0, 0, 73, 73, null, 0, 73)) {
                read = Bytes.concat(read, new byte[] {(byte) (pixel >> 16), (byte) (pixel >> 8), (byte) pixel});
            }
            assertThat(read).isEqualTo(picture.rgb());
        }
    }
}
