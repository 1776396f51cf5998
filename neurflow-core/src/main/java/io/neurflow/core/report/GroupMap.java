package io.neurflow.core.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.elk.alg.layered.LayeredLayoutProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * Where the cards of the neuron groups go: one row per layer, the root at the top. Eclipse ELK finds the order within the
 * rows that lets the shown edges cross least; the rows are then set evenly and centred.
 *
 * @param places by position in {@link ConceptCircuit#groups()}
 * @param width of everything
 * @param height of everything
 * @param cardWidth of each card
 * @param cardHeight of each card
 * @param shown the edges that are drawn at first, by position in {@link ConceptCircuit#edges()}
 * @param threshold the |W| from which on all edges are drawn at first; 0 if there are no edges
 */
record GroupMap(
        ImmutableList<Place> places,
        int width,
        int height,
        int cardWidth,
        int cardHeight,
        ImmutableSet<Integer> shown,
        double threshold) {
    /** Width of the column on the left that names the layers; no edge enters it. */
    static final int GUTTER = 118;

    private static final int GAP = 10;
    private static final int BETWEEN_ROWS = 120;
    private static final int MARGIN = 10;
    private static final int NARROWEST = 760;
    /** Where ELK draws lots; the same circuit always looks the same. */
    private static final int SEED = 1;

    /**
     * The upper left corner of a card.
     *
     * @param x from the left
     * @param y from the top
     */
    record Place(int x, int y) {}

    static GroupMap of(ConceptCircuit circuit, int cardWidth, int cardHeight) {
        ImmutableSet<Integer> shown = heaviest(circuit);
        Map<NeuronGroup, Double> order = order(circuit, shown);
        int widest = circuit.layers().stream()
                .mapToInt(layer -> circuit.at(layer).size())
                .max()
                .orElse(1);
        int width = GUTTER + Math.max(NARROWEST, 2 * MARGIN + widest * (cardWidth + GAP) - GAP);
        Map<NeuronGroup, Place> places = new HashMap<>();
        int y = MARGIN;
        for (Layer layer : circuit.layers()) {
            List<NeuronGroup> row = new ArrayList<>(circuit.at(layer));
            row.sort(Comparator.comparing(order::get));
            int pitch = Math.min((width - GUTTER - 2 * MARGIN + GAP) / Math.max(1, row.size()), 2 * cardWidth);
            int x = GUTTER + (width - GUTTER - (row.size() - 1) * pitch - cardWidth) / 2;
            for (NeuronGroup group : row) {
                places.put(group, new Place(x, y));
                x += pitch;
            }
            y += cardHeight + BETWEEN_ROWS;
        }
        ImmutableList<Place> inOrder =
                circuit.groups().stream().map(places::get).collect(ImmutableList.toImmutableList());
        return new GroupMap(
                inOrder, width, y - BETWEEN_ROWS + MARGIN, cardWidth, cardHeight, shown, threshold(circuit));
    }

    /** The heaviest edges, and for each group the heaviest that leads up: about two for each group, more is a tangle. */
    private static ImmutableSet<Integer> heaviest(ConceptCircuit circuit) {
        List<Integer> byWeight = byWeight(circuit);
        ImmutableSet.Builder<Integer> shown = ImmutableSet.builder();
        shown.addAll(
                byWeight.subList(0, Math.min(byWeight.size(), circuit.groups().size() * 3 / 2)));
        Set<NeuronGroup> seen = new HashSet<>();
        for (int e : byWeight) {
            if (seen.add(circuit.edges().get(e).child())) {
                shown.add(e);
            }
        }
        return shown.build();
    }

    private static List<Integer> byWeight(ConceptCircuit circuit) {
        List<GroupEdge> edges = circuit.edges();
        List<Integer> byWeight = new ArrayList<>();
        for (int e = 0; e < edges.size(); e++) {
            byWeight.add(e);
        }
        byWeight.sort(Comparator.comparingDouble(e -> -Math.abs(edges.get(e).weight())));
        return byWeight;
    }

    /** The least |W| of the edges that are shown for their weight alone. */
    private static double threshold(ConceptCircuit circuit) {
        List<Integer> byWeight = byWeight(circuit);
        int last = Math.min(byWeight.size(), circuit.groups().size() * 3 / 2) - 1;
        return last < 0 ? 0 : Math.abs(circuit.edges().get(byWeight.get(last)).weight());
    }

    private static Map<NeuronGroup, Double> order(ConceptCircuit circuit, ImmutableSet<Integer> shown) {
        LayoutMetaDataService.getInstance(); // tells ELK how to copy the default values of its options
        ElkNode graph = ElkGraphUtil.createGraph();
        graph.setProperty(LayeredOptions.DIRECTION, Direction.DOWN);
        graph.setProperty(LayeredOptions.SEPARATE_CONNECTED_COMPONENTS, false);
        graph.setProperty(LayeredOptions.RANDOM_SEED, SEED);
        Map<NeuronGroup, ElkNode> nodes = new HashMap<>();
        for (NeuronGroup group : circuit.groups()) {
            ElkNode node = ElkGraphUtil.createNode(graph);
            node.setDimensions(100, 100);
            nodes.put(group, node);
        }
        // ELK's own partitions go through hash sets of nodes, so that the outcome varies. They are not needed: with an
        // edge from the row above, every group falls into its row.
        Set<NeuronGroup> placed = new HashSet<>(circuit.at(circuit.layers().get(0)));
        for (int e : shown) {
            GroupEdge edge = circuit.edges().get(e);
            int down = circuit.layers().indexOf(edge.child().layer())
                    - circuit.layers().indexOf(edge.parent().layer());
            if (down == 1) {
                ElkGraphUtil.createSimpleEdge(nodes.get(edge.parent()), nodes.get(edge.child()));
                placed.add(edge.child());
            }
        }
        NeuronGroup above = circuit.root();
        for (Layer layer : circuit.layers()) {
            for (NeuronGroup group : circuit.at(layer)) {
                if (placed.add(group)) {
                    ElkGraphUtil.createSimpleEdge(nodes.get(above), nodes.get(group));
                }
            }
            above = circuit.at(layer).isEmpty() ? above : circuit.at(layer).get(0);
        }
        new LayeredLayoutProvider().layout(graph, new BasicProgressMonitor());
        Map<NeuronGroup, Double> order = new HashMap<>();
        nodes.forEach((group, node) -> order.put(group, node.getX()));
        return order;
    }

    /** The edge as an SVG path from the top of the child's card to the bottom of the parent's. */
    String path(int child, int parent) {
        int fromX = places.get(child).x() + cardWidth / 2;
        int fromY = places.get(child).y();
        int toX = places.get(parent).x() + cardWidth / 2;
        int toY = places.get(parent).y() + cardHeight;
        int bend = (fromY - toY) / 2;
        return String.format(
                Locale.ROOT, "M%d,%dC%d,%d %d,%d %d,%d", fromX, fromY, fromX, fromY - bend, toX, toY + bend, toX, toY);
    }
}
