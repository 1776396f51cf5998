package io.neurflow.core.doctor;

import io.neurflow.api.Shape;
import io.neurflow.core.graph.LayerNames;
import io.neurflow.core.graph.NamedCut;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.List;
import java.util.function.Consumer;

/** What the graph alone tells: its output, its shapes, and what the importer decided. */
final class StructureCheck {
    private final NetworkGraph graph;
    private final Consumer<Finding> to;

    StructureCheck(NetworkGraph graph, Consumer<Finding> to) {
        this.graph = graph;
        this.to = to;
    }

    void run(List<NamedCut> layers) {
        graph.notes()
                .forEach(note -> to.accept(Finding.note(
                        "import",
                        "",
                        note,
                        "the explanation is about what was chosen",
                        "export the model anew if you meant something else")));
        output();
        shapes(layers);
    }

    private void output() {
        NamedCut logits = LayerNames.of(graph).logits();
        Node last = graph.output();
        if (logits.value() != last.index()) {
            String function = probabilities();
            to.accept(Finding.note(
                    "output",
                    last.toString(),
                    "the model ends in a " + function + ": its output is probabilities",
                    "a probability answers to every class at once and hardly moves near 0 and 1, so that its gradients do"
                            + " not tell what speaks for a class",
                    "nothing: '" + logits.name() + "', what the " + function
                            + " reads, is taken as the logits; or export the model without it"));
        }
        Shape shape = logits.shape();
        if (shape.channels() == 1) {
            to.accept(Finding.warning(
                    "output",
                    logits.name(),
                    "there is one output",
                    "it is a score for yes against no; there is no other class to compare with",
                    "explain it as class 0, with images that it answers with a positive score"));
        }
    }

    private String probabilities() {
        int value = graph.output().index();
        while (value > 0 && graph.nodes().get(value).op() instanceof Op.Reshape) {
            value = graph.nodes().get(value).inputs().get(0);
        }
        return graph.nodes().get(Math.max(0, value)).op() instanceof Op.Softmax ? "Softmax" : "Sigmoid";
    }

    private void shapes(List<NamedCut> layers) {
        Shape input = graph.input();
        if (input.channels() != 3 || input.height() != input.width()) {
            to.accept(Finding.warning(
                    "shapes",
                    "input",
                    "the input is " + input,
                    "the command line and the image package cut square colour images, 3xNxN",
                    "cut such images in a program of your own, or export the model for another size"));
        }
        int logits = LayerNames.of(graph).logits().value();
        for (NamedCut layer : layers) {
            if (layer.value() == logits) {
                continue;
            }
            if (layer.shape().channels() == 1) {
                to.accept(Finding.warning(
                        "shapes",
                        layer.name(),
                        "it has one channel",
                        "a layer of one neuron has no groups of neurons",
                        "choose another layer; 'layers' lists them"));
            } else if (layer.shape().positions() == 1) {
                to.accept(Finding.note(
                        "shapes",
                        layer.name(),
                        "its maps have one place each (" + layer.shape() + ")",
                        "its neurons are units; where in a patch something stands is lost in it",
                        "nothing, or choose a layer with maps below it"));
            }
        }
        if (LayerNames.of(graph).suggested(1).size() < 2) {
            to.accept(Finding.warning(
                    "shapes",
                    "",
                    "no layer between the input and the logits suggests itself",
                    "there is nothing to explain the logits by unless you name a layer",
                    "name one with --layers or LayerPlan.of; 'layers' lists all places to cut"));
        }
    }
}
