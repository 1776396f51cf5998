package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * A block along a ray from 0 to x: what is affine in x runs once for each patch, up and down; what bends runs at every node of
 * the quadrature, from the affine values that it reads, the front.
 */
final class RayPlan {
    private final int from;
    private final int top;
    private final boolean straight;
    private final ImmutableSet<Integer> front;
    private final Segment affine;
    private final Segment bent;

    RayPlan(NetworkGraph graph, int from, int top) {
        this.from = from;
        this.top = top;
        Set<Integer> lines = new LinkedHashSet<>();
        Set<Integer> read = new TreeSet<>();
        ImmutableList.Builder<Node> first = ImmutableList.builder();
        ImmutableList.Builder<Node> second = ImmutableList.builder();
        lines.add(from);
        for (Node node : graph.between(from, top)) {
            if (isAffine(node.op()) && lines.containsAll(node.inputs())) {
                lines.add(node.index());
                first.add(node);
            } else {
                node.inputs().stream().filter(lines::contains).forEach(read::add);
                second.add(node);
            }
        }
        straight = lines.contains(top);
        if (straight) {
            read.add(top);
        }
        front = ImmutableSet.copyOf(read);
        affine = new Segment(graph, first.build(), ImmutableSet.of(from), front, false);
        bent = new Segment(graph, second.build(), front, ImmutableSet.of(top), true);
    }

    private static boolean isAffine(Op op) {
        return op instanceof Op.Conv
                || op instanceof Op.Affine
                || op instanceof Op.Dense
                || op instanceof Op.Add
                || op instanceof Op.Concat
                || op instanceof Op.AveragePool
                || op instanceof Op.GlobalAveragePool
                || op instanceof Op.Pad
                || op instanceof Op.SelectChannels
                || op instanceof Op.Reshape;
    }

    int from() {
        return from;
    }

    int top() {
        return top;
    }

    /** Whether nothing bends at all. */
    boolean isStraight() {
        return straight;
    }

    ImmutableSet<Integer> front() {
        return front;
    }

    Segment affine() {
        return affine;
    }

    Segment bent() {
        return bent;
    }

    /** What has to stay of the bent values. */
    ImmutableSet<Integer> kept() {
        return ImmutableSet.<Integer>builder()
                .addAll(bent.neededBehind())
                .add(top)
                .build();
    }
}
