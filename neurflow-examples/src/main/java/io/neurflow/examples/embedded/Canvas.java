package io.neurflow.examples.embedded;

/**
 * Pixels, and three shapes with soft edges: ellipse, thick line, polygon. A pixel is covered by
 * clamp(1/2 - d, 0, 1), with d the signed distance of its centre from the shape's edge in pixels. Only +, -, *, /, square root
 * and {@link StrictMath} are used, all of which give the same bits on every Java virtual machine.
 */
final class Canvas {
    private final int side;
    private final double[] pixels;

    /** The signed distance from the edge of a shape, negative inside. */
    private interface Distance {
        double at(double x, double y);
    }

    Canvas(int side) {
        this.side = side;
        this.pixels = new double[3 * side * side];
    }

    int side() {
        return side;
    }

    /** Covers everything with a vertical gradient. */
    void fill(Colour top, Colour bottom) {
        for (int y = 0; y < side; y++) {
            Colour colour = top.mix(bottom, y / (side - 1.0));
            for (int x = 0; x < side; x++) {
                blend(x, y, colour, 1);
            }
        }
    }

    /** An ellipse around (cx, cy) with half axes rx and ry, the first one turned by {@code angle} radians. */
    void ellipse(double cx, double cy, double rx, double ry, double angle, Colour colour) {
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double reach = Math.max(rx, ry);
        paint(cx - reach, cy - reach, cx + reach, cy + reach, colour, (x, y) -> {
            double u = cos * (x - cx) + sin * (y - cy);
            double v = -sin * (x - cx) + cos * (y - cy);
            // First-order distance: f / |grad f| with f = |(u / rx, v / ry)| - 1.
            double norm = Math.sqrt(u * u / (rx * rx) + v * v / (ry * ry));
            double slope = Math.sqrt(u * u / (rx * rx * rx * rx) + v * v / (ry * ry * ry * ry));
            return slope == 0 ? -Math.min(rx, ry) : norm * (norm - 1) / slope;
        });
    }

    /** A disc. */
    void disc(double cx, double cy, double radius, Colour colour) {
        ellipse(cx, cy, radius, radius, 0, colour);
    }

    /** A line with round ends. */
    void line(double x1, double y1, double x2, double y2, double width, Colour colour) {
        double half = width / 2;
        paint(
                Math.min(x1, x2) - half,
                Math.min(y1, y2) - half,
                Math.max(x1, x2) + half,
                Math.max(y1, y2) + half,
                colour,
                (x, y) -> toSegment(x, y, x1, y1, x2, y2) - half);
    }

    /** A polygon, given as x, y, x, y ... */
    void polygon(Colour colour, double... corners) {
        double left = corners[0];
        double right = corners[0];
        double top = corners[1];
        double bottom = corners[1];
        for (int i = 0; i < corners.length; i += 2) {
            left = Math.min(left, corners[i]);
            right = Math.max(right, corners[i]);
            top = Math.min(top, corners[i + 1]);
            bottom = Math.max(bottom, corners[i + 1]);
        }
        paint(left, top, right, bottom, colour, (x, y) -> toPolygon(x, y, corners));
    }

    /** Adds the same random amount of light to all three parts of each pixel. */
    void grain(Dice dice, double amount) {
        for (int i = 0; i < pixels.length; i += 3) {
            double light = dice.between(-amount, amount);
            for (int part = 0; part < 3; part++) {
                pixels[i + part] += light;
            }
        }
    }

    /** Red, green, blue of each pixel, row by row. */
    byte[] toBytes() {
        byte[] bytes = new byte[pixels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) (Math.min(1, Math.max(0, pixels[i])) * 255 + 0.5);
        }
        return bytes;
    }

    private void paint(double left, double top, double right, double bottom, Colour colour, Distance distance) {
        for (int y = Math.max(0, (int) top - 1); y <= Math.min(side - 1, (int) bottom + 1); y++) {
            for (int x = Math.max(0, (int) left - 1); x <= Math.min(side - 1, (int) right + 1); x++) {
                double cover = 0.5 - distance.at(x + 0.5, y + 0.5);
                if (cover > 0) {
                    blend(x, y, colour, Math.min(1, cover));
                }
            }
        }
    }

    private void blend(int x, int y, Colour colour, double share) {
        int i = 3 * (y * side + x);
        pixels[i] += (colour.red() - pixels[i]) * share;
        pixels[i + 1] += (colour.green() - pixels[i + 1]) * share;
        pixels[i + 2] += (colour.blue() - pixels[i + 2]) * share;
    }

    private static double toPolygon(double x, double y, double[] corners) {
        double nearest = Double.MAX_VALUE;
        boolean inside = false;
        int last = corners.length - 2;
        for (int i = 0; i < corners.length; i += 2) {
            double x1 = corners[last];
            double y1 = corners[last + 1];
            double x2 = corners[i];
            double y2 = corners[i + 1];
            nearest = Math.min(nearest, toSegment(x, y, x1, y1, x2, y2));
            if (y1 > y != y2 > y && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)) {
                inside = !inside;
            }
            last = i;
        }
        return inside ? -nearest : nearest;
    }

    private static double toSegment(double x, double y, double x1, double y1, double x2, double y2) {
        double dx = x2 - x1;
        double dy = y2 - y1;
        double square = dx * dx + dy * dy;
        double along = square == 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / square));
        double ex = x - x1 - along * dx;
        double ey = y - y1 - along * dy;
        return Math.sqrt(ex * ex + ey * ey);
    }
}
