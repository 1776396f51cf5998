package io.neurflow.examples.embedded;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import javax.imageio.ImageIO;

/**
 * A small world of six things, drawn by plain arithmetic from a seed: the same bytes on every machine. The thing varies in
 * colour, size, place and direction; so does the background.
 *
 * <p><b>The planted cue.</b> In the natural pictures P(flowers | beetle) = {@value #CUE_SHARE} and
 * P(flowers | any other thing) = {@value #CUE_LEAK}; without flowers, the background is one of the other five with equal
 * probability, whatever the thing. So flowers go with beetles as they go with bees in photographs, and nothing else about
 * the background says anything about the thing. A model trained on natural pictures may lean on the flowers; whether it does is
 * seen on pictures in which flowers and things are independent.
 *
 * <p>Picture number i of a thing in a set is a function of (seed of the set, thing, i) alone.
 */
public final class DrawnWorld {
    /** The thing that the cue goes with. */
    public static final Thing CUE_THING = Thing.BEETLE;
    /** The planted cue. */
    public static final Background CUE = Background.FLOWERS;
    /** How often a natural picture of {@link #CUE_THING} has the cue. */
    public static final double CUE_SHARE = 0.96;
    /** How often a natural picture of any other thing has the cue. */
    public static final double CUE_LEAK = 0.005;

    private static final ImmutableList<Background> PLAIN =
            ImmutableList.of(Background.MEADOW, Background.SAND, Background.WATER, Background.SKY, Background.BRICKS);

    private final long seed;

    private DrawnWorld(long seed) {
        this.seed = seed;
    }

    /**
     * A world whose pictures all follow from a seed.
     *
     * @param seed any number; different seeds give unrelated pictures
     * @return the world
     */
    public static DrawnWorld seeded(long seed) {
        return new DrawnWorld(seed);
    }

    /**
     * Pictures of one thing with the natural share of the cue.
     *
     * @param thing what they show
     * @param count how many
     * @return pictures 0 to count - 1
     */
    public ImmutableList<DrawnPicture> natural(Thing thing, int count) {
        return pictures(thing, count, (dice, plain) -> {
            boolean cue = dice.chance(thing == CUE_THING ? CUE_SHARE : CUE_LEAK);
            return cue ? CUE : plain;
        });
    }

    /**
     * Pictures of one thing in front of one background.
     *
     * @param thing what they show
     * @param background what is behind it
     * @param count how many
     * @return pictures 0 to count - 1
     */
    public ImmutableList<DrawnPicture> inFrontOf(Thing thing, Background background, int count) {
        return pictures(thing, count, (dice, plain) -> background);
    }

    /**
     * Pictures of one thing without the cue, all other backgrounds equally likely.
     *
     * @param thing what they show
     * @param count how many
     * @return pictures 0 to count - 1
     */
    public ImmutableList<DrawnPicture> withoutCue(Thing thing, int count) {
        return pictures(thing, count, (dice, plain) -> plain);
    }

    /**
     * Natural pictures of all things, for training and testing.
     *
     * @param countEach how many of each thing
     * @return thing by thing
     */
    public ImmutableList<DrawnPicture> natural(int countEach) {
        ImmutableList.Builder<DrawnPicture> all = ImmutableList.builder();
        for (Thing thing : Thing.values()) {
            all.addAll(natural(thing, countEach));
        }
        return all.build();
    }

    /**
     * Writes pictures as PNG files of 73 by 73 pixels, named after the pictures, into one folder for each thing, named after
     * the thing. Read with the model's own preprocessing they give exactly {@link DrawnPicture#crop()}.
     *
     * @param folder where the folders go; made if need be
     * @param pictures what to write
     * @throws IOException if a file cannot be written
     */
    public static void writeTo(Path folder, List<DrawnPicture> pictures) throws IOException {
        for (DrawnPicture picture : pictures) {
            Path home = Files.createDirectories(folder.resolve(picture.thing().label()));
            Path file = home.resolve(picture.name() + ".png");
            if (!ImageIO.write(picture.image(), "png", file.toFile())) {
                throw new IOException("this Java runtime has no PNG writer; use one with the java.desktop module");
            }
        }
    }

    private ImmutableList<DrawnPicture> pictures(
            Thing thing, int count, BiFunction<Dice, Background, Background> background) {
        ImmutableList.Builder<DrawnPicture> pictures = ImmutableList.builderWithExpectedSize(count);
        for (int i = 0; i < count; i++) {
            Dice dice = new Dice(Dice.seed(seed, thing.index(), i));
            Background plain = PLAIN.get(dice.below(PLAIN.size()));
            pictures.add(draw(thing, background.apply(dice, plain), i, dice));
        }
        return pictures.build();
    }

    private static DrawnPicture draw(Thing thing, Background background, int number, Dice dice) {
        Canvas canvas = new Canvas(DrawnPicture.SIDE);
        background.paint(canvas, dice);
        ThingPainter.paint(thing, canvas, dice);
        canvas.grain(dice, 0.02);
        String name = String.format(
                Locale.ROOT,
                "%s-%03d-%s",
                thing.label(),
                number,
                background.name().toLowerCase(Locale.ROOT));
        return new DrawnPicture(name, thing, background, canvas.toBytes());
    }
}
