package io.neurflow.examples.embedded;

/**
 * A colour.
 *
 * @param red 0 to 1
 * @param green 0 to 1
 * @param blue 0 to 1
 */
record Colour(double red, double green, double blue) {
    static Colour rgb(int hex) {
        return new Colour(((hex >> 16) & 255) / 255.0, ((hex >> 8) & 255) / 255.0, (hex & 255) / 255.0);
    }

    /** This colour times a factor: below 1 darker, above 1 lighter. */
    Colour times(double factor) {
        return new Colour(clamp(red * factor), clamp(green * factor), clamp(blue * factor));
    }

    /** The way from this colour (share 0) to another one (share 1). */
    Colour mix(Colour other, double share) {
        return new Colour(
                red + (other.red - red) * share,
                green + (other.green - green) * share,
                blue + (other.blue - blue) * share);
    }

    /** A near relative: each part moved by at most {@code amount}. */
    Colour near(Dice dice, double amount) {
        return new Colour(
                clamp(red + dice.between(-amount, amount)),
                clamp(green + dice.between(-amount, amount)),
                clamp(blue + dice.between(-amount, amount)));
    }

    private static double clamp(double value) {
        return Math.min(1, Math.max(0, value));
    }
}
