package io.neurflow.core.report;

import static java.awt.RenderingHints.KEY_ANTIALIASING;
import static java.awt.RenderingHints.KEY_INTERPOLATION;
import static java.awt.RenderingHints.KEY_TEXT_ANTIALIASING;
import static java.awt.RenderingHints.VALUE_ANTIALIAS_ON;
import static java.awt.RenderingHints.VALUE_INTERPOLATION_BICUBIC;
import static java.awt.RenderingHints.VALUE_TEXT_ANTIALIAS_ON;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** Paints the same picture as {@link ReportSvg}, with Java2D. */
final class ReportPng {
    private static final int THUMB = 47;
    private static final Color INK = new Color(0x1c2330);
    private static final Color SOFT = new Color(0x5a6372);
    private static final Color BORDER = new Color(0x8d96a5);
    private static final Color PLUS = new Color(0x15, 0x65, 0xab, 158);
    private static final Color MINUS = new Color(0xc7, 0x52, 0x0a, 158);

    private final ConceptCircuit circuit;
    private final GroupMap map;
    private final Graphics2D graphics;

    private ReportPng(ConceptCircuit circuit, GroupMap map, Graphics2D graphics) {
        this.circuit = circuit;
        this.map = map;
        this.graphics = graphics;
    }

    static BufferedImage of(
            ConceptCircuit circuit,
            String rootTitle,
            PictureTable pictures,
            GroupMap map,
            ReportExtras extras,
            double scale) {
        BufferedImage image = new BufferedImage(
                (int) Math.ceil(map.width() * scale),
                (int) Math.ceil(map.height() * scale),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.scale(scale, scale);
            graphics.setRenderingHint(KEY_ANTIALIASING, VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(KEY_TEXT_ANTIALIASING, VALUE_TEXT_ANTIALIAS_ON);
            graphics.setRenderingHint(KEY_INTERPOLATION, VALUE_INTERPOLATION_BICUBIC);
            ReportPng picture = new ReportPng(circuit, map, graphics);
            picture.edges();
            picture.layers();
            for (NeuronGroup group : circuit.groups()) {
                picture.card(group, rootTitle, pictures, extras);
            }
        } finally {
            graphics.dispose();
        }
        return image;
    }

    static void write(BufferedImage image, Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, "png", bytes)) {
                throw new IOException("this Java runtime has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        WholeFile.write(file, bytes.toByteArray());
    }

    private void edges() {
        double heaviest = map.shown().stream()
                .mapToDouble(e -> Math.abs(circuit.edges().get(e).weight()))
                .max()
                .orElse(0);
        for (int e : map.shown()) {
            GroupEdge edge = circuit.edges().get(e);
            GroupMap.Place from = map.places().get(circuit.groups().indexOf(edge.child()));
            GroupMap.Place to = map.places().get(circuit.groups().indexOf(edge.parent()));
            double share = heaviest > 0 ? Math.abs(edge.weight()) / heaviest : 0;
            boolean minus = edge.weight() < 0;
            float[] dashes = minus ? new float[] {7, 4} : null;
            graphics.setColor(minus ? MINUS : PLUS);
            graphics.setStroke(new BasicStroke(
                    (float) (1 + 7 * share), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
            double x1 = from.x() + map.cardWidth() / 2.0;
            double x2 = to.x() + map.cardWidth() / 2.0;
            double y2 = to.y() + map.cardHeight();
            double bend = (from.y() - y2) / 2;
            graphics.draw(new CubicCurve2D.Double(x1, from.y(), x1, from.y() - bend, x2, y2 + bend, x2, y2));
        }
    }

    private void layers() {
        for (Layer layer : circuit.layers()) {
            List<NeuronGroup> groups = circuit.at(layer);
            if (!groups.isEmpty()) {
                int y = map.places()
                        .get(circuit.groups().indexOf(groups.get(0)))
                        .y();
                text(CardText.shortened(layer.name(), 15), 8, y + map.cardHeight() / 2, Font.BOLD, 13, SOFT);
            }
        }
    }

    private void card(NeuronGroup group, String rootTitle, PictureTable pictures, ReportExtras extras) {
        GroupMap.Place place = map.places().get(circuit.groups().indexOf(group));
        RoundRectangle2D frame = new RoundRectangle2D.Double(
                place.x() + 1, place.y() + 1, map.cardWidth() - 2, map.cardHeight() - 2, 16, 16);
        graphics.setColor(Color.WHITE);
        graphics.fill(frame);
        graphics.setColor(BORDER);
        graphics.setStroke(new BasicStroke(1.5f));
        graphics.draw(frame);
        text(CardText.name(circuit, group, rootTitle), place.x() + 6, place.y() + 18, Font.BOLD, 12, INK);
        if (!group.equals(circuit.root())) {
            String what = CardText.what(group);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
            int width = graphics.getFontMetrics().stringWidth(what);
            text(what, place.x() + map.cardWidth() - 6 - width, place.y() + 18, Font.PLAIN, 11, SOFT);
        }
        int label = extras.labels().isEmpty() ? 0 : CircuitReport.LABEL;
        extras.label(group)
                .ifPresent(
                        text -> text(CardText.shortened(text, 17), place.x() + 6, place.y() + 34, Font.PLAIN, 11, INK));
        List<Integer> shown = pictures.onCard(group);
        for (int i = 0; i < shown.size(); i++) {
            graphics.drawImage(
                    decoded(pictures, shown.get(i)),
                    place.x() + 5 + (i % 2) * (THUMB + 2),
                    place.y() + 24 + label + (i / 2) * (THUMB + 2),
                    THUMB,
                    THUMB,
                    null);
        }
    }

    private void text(String text, int x, int y, int style, int size, Color colour) {
        graphics.setFont(new Font(Font.SANS_SERIF, style, size));
        graphics.setColor(colour);
        graphics.drawString(text, x, y);
    }

    private static BufferedImage decoded(PictureTable pictures, int patch) {
        String url = String.valueOf(pictures.pictures().get(patch));
        try {
            return ImageIO.read(
                    new ByteArrayInputStream(Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
