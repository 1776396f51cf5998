package io.neurflow.cuda;

import io.neurflow.core.graph.Node;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** How many cells of memory a pass over a segment takes for one item, about. */
final class Room {
    private Room() {}

    /** The most that is held at once on the way up, values that stay included. */
    static long forward(Segment segment, Collection<Integer> keep) {
        Map<Integer, Integer> waiting = new HashMap<>();
        segment.nodes().forEach(node -> node.inputs().forEach(value -> waiting.merge(value, 1, Integer::sum)));
        Set<Integer> kept = new HashSet<>(keep);
        long held = segment.given().stream()
                .mapToLong(value -> size(segment, value))
                .sum();
        long most = held;
        for (Node node : segment.nodes()) {
            if (!segment.isInPlace(node)) {
                held += size(segment, node.index());
            }
            most = Math.max(most, held);
            for (int value : node.inputs()) {
                boolean done = waiting.merge(value, -1, Integer::sum) == 0;
                if (done && !kept.contains(value) && !segment.isInPlace(node)) {
                    held -= size(segment, value);
                }
            }
        }
        return most;
    }

    /** The three largest gradients there may be at a time. */
    static long backward(Segment segment) {
        return 3 * largest(segment);
    }

    /** The largest value. */
    static long largest(Segment segment) {
        long largest = segment.given().stream()
                .mapToLong(value -> size(segment, value))
                .max()
                .orElse(1);
        for (Node node : segment.nodes()) {
            largest = Math.max(largest, size(segment, node.index()));
        }
        return largest;
    }

    private static long size(Segment segment, int value) {
        return Extent.size(segment.graph().dimensions(value));
    }
}
