package io.neurflow.examples.embedded;

/** Draws one thing on a canvas: around (x, y), reaching about {@code size} pixels to each side. */
final class ThingPainter {
    private final Canvas canvas;
    private final Dice dice;
    private final double x;
    private final double y;
    /** Beetles are small beside the flowers that they sit in front of. */
    private static final double BEETLE_SCALE = 0.42;

    private final double size;
    /** Axes of the thing's own coordinates, in which it reaches from -1 to 1 and looks up (or to the right). */
    private final double cos;

    private final double sin;
    private final double mirror;

    private ThingPainter(Canvas canvas, Dice dice, double x, double y, double size, double angle) {
        this.canvas = canvas;
        this.dice = dice;
        this.x = x;
        this.y = y;
        this.size = size;
        this.cos = StrictMath.cos(angle);
        this.sin = StrictMath.sin(angle);
        this.mirror = dice.chance(0.5) ? 1 : -1;
    }

    static void paint(Thing thing, Canvas canvas, Dice dice) {
        double middle = canvas.side() / 2.0;
        double x = middle + dice.between(-7, 7);
        double y = middle + dice.between(-7, 7);
        double size = (thing == Thing.BEETLE ? BEETLE_SCALE : 1) * dice.between(13, 21);
        boolean fromAbove = thing == Thing.BEETLE || thing == Thing.TURTLE;
        double angle = fromAbove ? dice.between(0, 2 * Math.PI) : dice.between(-0.2, 0.2);
        ThingPainter painter = new ThingPainter(canvas, dice, x, y, size, angle);
        switch (thing) {
            case BEETLE -> painter.beetle();
            case TURTLE -> painter.turtle();
            case FISH -> painter.fish();
            case MUSHROOM -> painter.mushroom();
            case HOUSE -> painter.house();
            case BOAT -> painter.boat();
        }
    }

    private void beetle() {
        Colour shell = shellColour();
        Colour dark = Colour.rgb(0x1c1a18).near(dice, 0.04);
        for (double side = -1; side <= 1; side += 2) {
            for (int leg = -1; leg <= 1; leg++) {
                double knee = 0.25 * leg;
                line(side * 0.4, knee, side * 0.78, knee * 1.8, 0.1, dark);
                line(side * 0.78, knee * 1.8, side * 0.92, knee * 2.6 + 0.12, 0.08, dark);
            }
            line(side * 0.1, -0.75, side * 0.32, -1.02, 0.07, dark);
        }
        ellipse(0, -0.68, 0.34, 0.24, dark);
        ellipse(0, 0.08, 0.6, 0.74, shell);
        line(0, -0.6, 0, 0.8, 0.07, dark);
        for (int row = 0; row < 3; row++) {
            double spot = dice.between(0.1, 0.15);
            double out = row == 1 ? 0.34 : 0.24;
            ellipse(-out, -0.3 + 0.38 * row, spot, spot, dark);
            ellipse(out, -0.3 + 0.38 * row, spot, spot, dark);
        }
    }

    private void turtle() {
        Colour shell = shellColour();
        Colour skin = Colour.rgb(0x8a9a52).near(dice, 0.08);
        Colour seam = Colour.rgb(0x1c1a18).near(dice, 0.04);
        for (double side = -1; side <= 1; side += 2) {
            ellipse(side * 0.62, -0.48, 0.24, 0.18, skin);
            ellipse(side * 0.58, 0.6, 0.22, 0.17, skin);
        }
        ellipse(0, -0.82, 0.22, 0.26, skin);
        polygon(skin, -0.1, 0.7, 0.1, 0.7, 0, 1.02);
        ellipse(0, 0.04, 0.66, 0.76, shell);
        line(0, -0.35, 0, 0.45, 0.07, seam);
        for (double side = -1; side <= 1; side += 2) {
            line(0, -0.35, side * 0.42, -0.48, 0.07, seam);
            line(0, 0.05, side * 0.62, 0.05, 0.07, seam);
            line(0, 0.45, side * 0.42, 0.56, 0.07, seam);
        }
    }

    /** Beetles and turtles share their colours, so that colour alone does not tell them apart. */
    private Colour shellColour() {
        return dice.oneOf(Colour.rgb(0xc8382c), Colour.rgb(0xd8862a), Colour.rgb(0x5d7d3a), Colour.rgb(0x8a5a34))
                .near(dice, 0.06);
    }

    private void fish() {
        Colour body = dice.oneOf(Colour.rgb(0xf08a2c), Colour.rgb(0x8f6fc0), Colour.rgb(0xe2d04a), Colour.rgb(0x9fb4bf))
                .near(dice, 0.06);
        Colour stripe = body.times(0.6);
        polygon(body.times(0.85), -0.5, 0, -1, -0.5, -0.86, 0, -1, 0.5);
        polygon(body.times(0.8), -0.25, -0.38, 0.2, -0.72, 0.3, -0.34);
        ellipse(0.08, 0, 0.74, 0.46, body);
        for (int i = 0; i < 3; i++) {
            double at = -0.3 + 0.27 * i;
            line(at, -0.28, at, 0.28, 0.1, stripe);
        }
        ellipse(0.56, -0.1, 0.12, 0.12, Colour.rgb(0xf8f8f8));
        ellipse(0.58, -0.1, 0.07, 0.07, Colour.rgb(0x101010));
    }

    private void mushroom() {
        Colour cap = dice.oneOf(Colour.rgb(0xc0302a), Colour.rgb(0x8c5a3a), Colour.rgb(0xd9a441), Colour.rgb(0x7a4a78))
                .near(dice, 0.05);
        Colour stem = Colour.rgb(0xe8dcc0).near(dice, 0.05);
        polygon(stem, -0.2, -0.1, 0.2, -0.1, 0.3, 0.95, -0.3, 0.95);
        line(-0.3, 0.3, 0.3, 0.3, 0.14, stem.times(0.85));
        double[] dome = new double[2 * 17];
        for (int i = 0; i < 17; i++) {
            double angle = Math.PI * i / 16;
            dome[2 * i] = -0.88 * StrictMath.cos(angle);
            dome[2 * i + 1] = 0.05 - 0.9 * StrictMath.sin(angle);
        }
        polygon(cap, dome);
        Colour dot = cap.times(0.55);
        ellipse(-0.45, -0.22, 0.14, 0.12, dot);
        ellipse(0.02, -0.5, 0.16, 0.14, dot);
        ellipse(0.46, -0.2, 0.13, 0.11, dot);
        ellipse(0.05, -0.1, 0.11, 0.09, dot);
    }

    private void house() {
        Colour wall = dice.oneOf(Colour.rgb(0xf0e2c0), Colour.rgb(0xd8d8d8), Colour.rgb(0xe8b48c), Colour.rgb(0x9cc0b0))
                .near(dice, 0.05);
        Colour roof = dice.oneOf(Colour.rgb(0x7a2f28), Colour.rgb(0x45464f), Colour.rgb(0x5a3c28))
                .near(dice, 0.04);
        polygon(roof.times(0.8), 0.4, -0.9, 0.62, -0.9, 0.62, -0.3, 0.4, -0.3);
        polygon(wall, -0.75, -0.15, 0.75, -0.15, 0.75, 0.9, -0.75, 0.9);
        polygon(roof, -0.98, -0.08, 0, -1, 0.98, -0.08);
        polygon(roof.times(0.75), -0.18, 0.3, 0.2, 0.3, 0.2, 0.9, -0.18, 0.9);
        Colour pane = Colour.rgb(0x4a6c88).near(dice, 0.05);
        polygon(pane, -0.6, 0.15, -0.32, 0.15, -0.32, 0.45, -0.6, 0.45);
        polygon(pane, 0.34, 0.15, 0.62, 0.15, 0.62, 0.45, 0.34, 0.45);
    }

    private void boat() {
        Colour hull = dice.oneOf(Colour.rgb(0x8c2f2a), Colour.rgb(0x2f4a6c), Colour.rgb(0x5a3c28), Colour.rgb(0x2f5a4a))
                .near(dice, 0.05);
        Colour sail = dice.oneOf(Colour.rgb(0xf4ecd8), Colour.rgb(0xe8b0a0), Colour.rgb(0xf0d890))
                .near(dice, 0.04);
        line(0, -0.98, 0, 0.45, 0.09, Colour.rgb(0x4a3626));
        polygon(sail, 0.1, -0.92, 0.1, 0.3, 0.82, 0.3);
        polygon(sail.times(0.88), -0.1, -0.7, -0.1, 0.3, -0.62, 0.3);
        polygon(hull, -0.98, 0.45, 0.98, 0.45, 0.66, 0.9, -0.66, 0.9);
        line(-0.9, 0.52, 0.9, 0.52, 0.08, hull.times(1.6));
    }

    private double left(double u, double v) {
        return x + size * (cos * mirror * u - sin * v);
    }

    private double down(double u, double v) {
        return y + size * (sin * mirror * u + cos * v);
    }

    private void ellipse(double u, double v, double ru, double rv, Colour colour) {
        canvas.ellipse(left(u, v), down(u, v), size * ru, size * rv, StrictMath.atan2(sin, cos), colour);
    }

    private void line(double u1, double v1, double u2, double v2, double width, Colour colour) {
        canvas.line(left(u1, v1), down(u1, v1), left(u2, v2), down(u2, v2), size * width, colour);
    }

    private void polygon(Colour colour, double... corners) {
        double[] placed = new double[corners.length];
        for (int i = 0; i < corners.length; i += 2) {
            placed[i] = left(corners[i], corners[i + 1]);
            placed[i + 1] = down(corners[i], corners[i + 1]);
        }
        canvas.polygon(colour, placed);
    }
}
