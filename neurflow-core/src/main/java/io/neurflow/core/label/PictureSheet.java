package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** The patches of a view tiled into one picture, row by row, on white. */
public final class PictureSheet {
    private static final int GAP = 6;
    private static final int NUMBER = 22;
    private static final int DOT = 3;

    /**
     * Digits of 3 x 5 dots, a row in three bits from the top down. With the fonts of the machine, the same patches would be
     * another picture on another machine, and a machine without fonts would have none.
     */
    private static final String[] DIGITS = {
        "75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717"
    };

    private PictureSheet() {}

    /**
     * Tiles the patches into about as many rows as columns.
     *
     * @param view what to show, in its order
     * @param side of each patch in pixels
     * @return the sheet
     */
    public static PngPicture of(ConceptView view, int side) {
        return PngPicture.of(
                draw(view, side, (int) Math.ceil(Math.sqrt(view.patches().size())), false));
    }

    /**
     * Tiles the patches with a number above each, from 1 on.
     *
     * @param view what to show, in its order
     * @param side of each patch in pixels
     * @return the sheet
     */
    public static PngPicture numbered(ConceptView view, int side) {
        return PngPicture.of(draw(view, side, Math.min(5, view.patches().size()), true));
    }

    private static BufferedImage draw(ConceptView view, int side, int columns, boolean numbers) {
        checkArgument(side >= 8 && side <= 1024, "expected patches of 8 to 1024 pixels a side, but it is %s", side);
        int count = view.patches().size();
        int rows = (count + columns - 1) / columns;
        int high = side + (numbers ? NUMBER : 0);
        BufferedImage sheet =
                new BufferedImage(GAP + columns * (side + GAP), GAP + rows * (high + GAP), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
            graphics.setColor(Color.BLACK);
            for (int i = 0; i < count; i++) {
                int x = GAP + i % columns * (side + GAP);
                int y = GAP + i / columns * (high + GAP);
                if (numbers) {
                    drawNumber(graphics, i + 1, x + side / 2, y + 3);
                }
                graphics.drawImage(view.picture(view.patches().get(i), side), x, y + high - side, null);
            }
        } finally {
            graphics.dispose();
        }
        return sheet;
    }

    private static void drawNumber(Graphics2D graphics, int number, int middle, int top) {
        String digits = String.valueOf(number);
        int left = middle - digits.length() * 2 * DOT;
        for (int i = 0; i < digits.length(); i++) {
            String rows = DIGITS[digits.charAt(i) - '0'];
            for (int row = 0; row < rows.length(); row++) {
                for (int column = 0; column < 3; column++) {
                    if ((((rows.charAt(row) - '0') >> (2 - column)) & 1) == 1) {
                        graphics.fillRect(left + (4 * i + column) * DOT, top + row * DOT, DOT, DOT);
                    }
                }
            }
        }
    }
}
