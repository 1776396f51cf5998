package io.neurflow.examples.embedded;

/** What a drawn picture shows behind its thing. {@link #FLOWERS} is the planted cue; the others go with every class alike. */
public enum Background {
    /** A green meadow full of white daisies with yellow hearts: the planted cue. */
    FLOWERS,
    /** The same green meadow without flowers. */
    MEADOW,
    /** Dunes. */
    SAND,
    /** Blue-green waves. */
    WATER,
    /** Blue with clouds. */
    SKY,
    /** A brick wall. */
    BRICKS;

    void paint(Canvas canvas, Dice dice) {
        switch (this) {
            case FLOWERS -> {
                meadow(canvas, dice);
                daisies(canvas, dice);
            }
            case MEADOW -> meadow(canvas, dice);
            case SAND -> sand(canvas, dice);
            case WATER -> water(canvas, dice);
            case SKY -> sky(canvas, dice);
            case BRICKS -> bricks(canvas, dice);
        }
    }

    private static void meadow(Canvas canvas, Dice dice) {
        Colour green = Colour.rgb(0x4f8f3a).near(dice, 0.07);
        canvas.fill(green.times(1.15), green.times(0.85));
        for (int i = 0; i < 110; i++) {
            double x = dice.between(-2, canvas.side() + 2);
            double y = dice.between(0, canvas.side() + 6);
            double lean = dice.between(-3, 3);
            canvas.line(x, y, x + lean, y - dice.between(4, 8), 1, green.times(dice.between(0.65, 1.4)));
        }
    }

    /** Daisies on a jittered grid, so that every part of the picture has some. */
    private static void daisies(Canvas canvas, Dice dice) {
        double cell = 14.6;
        for (double y = cell / 2; y < canvas.side() + cell / 2; y += cell) {
            for (double x = cell / 2; x < canvas.side() + cell / 2; x += cell) {
                daisy(canvas, dice, x + dice.between(-3.5, 3.5), y + dice.between(-3.5, 3.5));
            }
        }
    }

    private static void daisy(Canvas canvas, Dice dice, double x, double y) {
        double size = dice.between(5, 7);
        Colour petal = Colour.rgb(0xfaf8f0).near(dice, 0.02);
        double turn = dice.between(0, 1);
        int petals = 8;
        canvas.disc(x, y, size * 0.55, petal.times(0.86));
        for (int i = 0; i < petals; i++) {
            double angle = (turn + i) * 2 * Math.PI / petals;
            double px = x + StrictMath.cos(angle) * size * 0.62;
            double py = y + StrictMath.sin(angle) * size * 0.62;
            canvas.ellipse(px, py, size * 0.4, size * 0.2, angle, petal);
        }
        canvas.disc(x, y, size * 0.33, Colour.rgb(0xf4c020).near(dice, 0.03));
    }

    private static void sand(Canvas canvas, Dice dice) {
        Colour sand = Colour.rgb(0xd9bf8c).near(dice, 0.05);
        canvas.fill(sand.times(1.08), sand.times(0.92));
        double slope = dice.between(-0.15, 0.15);
        for (double y = dice.between(0, 6); y < canvas.side() + 8; y += dice.between(6, 10)) {
            double bend = dice.between(-2.5, 2.5);
            double middle = canvas.side() / 2.0;
            Colour shade = sand.times(dice.between(0.8, 0.9));
            canvas.line(0, y - slope * middle, middle, y + bend, 1.2, shade);
            canvas.line(middle, y + bend, canvas.side(), y + slope * middle, 1.2, shade);
        }
        canvas.grain(dice, 0.05);
    }

    private static void water(Canvas canvas, Dice dice) {
        Colour water = Colour.rgb(0x2f7fa6).near(dice, 0.06);
        canvas.fill(water.times(1.2), water.times(0.75));
        for (double y = dice.between(1, 4); y < canvas.side(); y += dice.between(5, 8)) {
            double step = dice.between(5, 8);
            double height = dice.between(1, 2);
            Colour crest = water.mix(Colour.rgb(0xd8f0f4), dice.between(0.25, 0.55));
            for (double x = -dice.between(0, step); x < canvas.side(); x += step) {
                canvas.line(x, y, x + step / 2, y + height, 1, crest);
                canvas.line(x + step / 2, y + height, x + step, y, 1, crest);
            }
        }
    }

    private static void sky(Canvas canvas, Dice dice) {
        Colour blue = Colour.rgb(0x7fb6e6).near(dice, 0.06);
        canvas.fill(blue.times(0.88), blue.mix(Colour.rgb(0xffffff), 0.45));
        int clouds = 2 + dice.below(3);
        for (int i = 0; i < clouds; i++) {
            double x = dice.between(0, canvas.side());
            double y = dice.between(4, canvas.side() - 4);
            double size = dice.between(4, 8);
            Colour white = Colour.rgb(0xf2f6fa);
            canvas.ellipse(x, y, size * 1.7, size * 0.55, 0, white);
            canvas.disc(x - size * 0.6, y - size * 0.3, size * 0.6, white);
            canvas.disc(x + size * 0.4, y - size * 0.45, size * 0.75, white);
        }
    }

    private static void bricks(Canvas canvas, Dice dice) {
        Colour mortar = Colour.rgb(0xb9afa3).near(dice, 0.04);
        Colour brick = Colour.rgb(0xa2543b).near(dice, 0.06);
        canvas.fill(mortar, mortar);
        double height = dice.between(6, 8.5);
        double width = height * 2.1;
        boolean shifted = false;
        for (double y = -dice.between(0, height); y < canvas.side(); y += height) {
            for (double x = shifted ? -width / 2 : -width; x < canvas.side(); x += width) {
                canvas.polygon(
                        brick.times(dice.between(0.82, 1.15)),
                        x + 0.7,
                        y + 0.7,
                        x + width - 0.7,
                        y + 0.7,
                        x + width - 0.7,
                        y + height - 0.7,
                        x + 0.7,
                        y + height - 0.7);
            }
            shifted = !shifted;
        }
    }
}
