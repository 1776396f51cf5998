package io.neurflow.core.report;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;

/** What stands on a card of a still picture, where nothing is cut off by itself. */
final class CardText {
    private static final int TITLE = 13;

    private CardText() {}

    static String name(ConceptCircuit circuit, NeuronGroup group, String rootTitle) {
        return group.equals(circuit.root()) ? shortened(rootTitle, TITLE) : "G" + group.index();
    }

    static String what(NeuronGroup group) {
        int neurons = group.neurons().size();
        return neurons == 1 ? "#" + group.neurons().get(0).channel() : neurons + " neurons";
    }

    /** At most so many code points, the end left out. */
    static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "\u2026";
    }
}
