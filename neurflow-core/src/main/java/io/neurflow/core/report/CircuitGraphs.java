package io.neurflow.core.report;

import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.GroupEdge;
import io.neurflow.api.Layer;
import io.neurflow.api.NeuronGroup;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * The graph of neuron groups for graph tools: GraphML (Gephi, yEd, NetworkX, igraph) and DOT (Graphviz). Edges lead from
 * the child G<sub>i</sub> to the parent G<sub>j</sub> and carry W(G<sub>i</sub>, G<sub>j</sub>) with its sign.
 */
public final class CircuitGraphs {
    private static final String GRAPHML = "http://graphml.graphdrawing.org/xmlns";

    private CircuitGraphs() {}

    /**
     * GraphML 1.0. Nodes carry {@code label}, {@code layer}, {@code index}, {@code neurons} (names, separated by spaces),
     * {@code neuronCount} and {@code patchCount}; edges {@code weight} and {@code edgeCount}.
     *
     * @param circuit any circuit
     * @return an XML document
     */
    public static String graphMl(ConceptCircuit circuit) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.setDefaultNamespace(GRAPHML);
            xml.writeStartElement(GRAPHML, "graphml");
            xml.writeDefaultNamespace(GRAPHML);
            key(xml, "node", "label", "string");
            key(xml, "node", "layer", "string");
            key(xml, "node", "index", "int");
            key(xml, "node", "neurons", "string");
            key(xml, "node", "neuronCount", "int");
            key(xml, "node", "patchCount", "int");
            key(xml, "edge", "weight", "double");
            key(xml, "edge", "edgeCount", "int");
            line(xml, 1);
            xml.writeStartElement(GRAPHML, "graph");
            xml.writeAttribute("id", "circuit");
            xml.writeAttribute("edgedefault", "directed");
            for (NeuronGroup group : circuit.groups()) {
                node(xml, circuit, group);
            }
            for (GroupEdge edge : circuit.edges()) {
                edge(xml, circuit, edge);
            }
            line(xml, 1);
            xml.writeEndElement();
            line(xml, 0);
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing XML to memory failed", e);
        }
        return text + "\n";
    }

    private static void key(XMLStreamWriter xml, String owner, String name, String type) throws XMLStreamException {
        line(xml, 1);
        xml.writeEmptyElement(GRAPHML, "key");
        xml.writeAttribute("id", name);
        xml.writeAttribute("for", owner);
        xml.writeAttribute("attr.name", name);
        xml.writeAttribute("attr.type", type);
    }

    private static void node(XMLStreamWriter xml, ConceptCircuit circuit, NeuronGroup group) throws XMLStreamException {
        line(xml, 2);
        xml.writeStartElement(GRAPHML, "node");
        xml.writeAttribute("id", id(circuit, group));
        data(xml, "label", group.name());
        data(xml, "layer", group.layer().name());
        data(xml, "index", Integer.toString(group.index()));
        data(
                xml,
                "neurons",
                String.join(" ", group.neurons().stream().map(Object::toString).toList()));
        data(xml, "neuronCount", Integer.toString(group.neurons().size()));
        data(xml, "patchCount", Integer.toString(group.concept().length()));
        line(xml, 2);
        xml.writeEndElement();
    }

    private static void edge(XMLStreamWriter xml, ConceptCircuit circuit, GroupEdge edge) throws XMLStreamException {
        line(xml, 2);
        xml.writeStartElement(GRAPHML, "edge");
        xml.writeAttribute("source", id(circuit, edge.child()));
        xml.writeAttribute("target", id(circuit, edge.parent()));
        data(xml, "weight", Double.toString(edge.weight()));
        data(xml, "edgeCount", Integer.toString(edge.edgeCount()));
        line(xml, 2);
        xml.writeEndElement();
    }

    private static void data(XMLStreamWriter xml, String key, String value) throws XMLStreamException {
        line(xml, 3);
        xml.writeStartElement(GRAPHML, "data");
        xml.writeAttribute("key", key);
        xml.writeCharacters(withoutControls(value));
        xml.writeEndElement();
    }

    private static void line(XMLStreamWriter xml, int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + " ".repeat(depth));
    }

    /**
     * XML 1.0 has no way to write most control characters or lone surrogates, not even escaped; and characters that turn
     * the direction of what follows would let a name pass for another, on the page around it too.
     */
    static String withoutControls(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().map(c -> isText(c) ? c : 0xFFFD).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    static boolean isText(int c) {
        boolean xml = (c >= 0x20 && c < 0xD800) || (c > 0xDFFF && c != 0xFFFE && c != 0xFFFF) || c == '\t' || c == '\n';
        boolean control = (c >= 0x7F && c <= 0x9F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        return xml && !control;
    }

    /** Names are not identifiers: a layer may be called anything. */
    private static String id(ConceptCircuit circuit, NeuronGroup group) {
        return "L" + circuit.layers().indexOf(group.layer()) + "G" + group.index();
    }

    /**
     * DOT with one rank per layer and the root at the top. Positive weights are blue and solid, negative ones orange and
     * dashed; the pen is as wide as |W| is large.
     *
     * @param circuit any circuit
     * @return a digraph
     */
    public static String dot(ConceptCircuit circuit) {
        StringBuilder dot = new StringBuilder("digraph circuit {\n");
        dot.append("  rankdir=BT;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
        for (Layer layer : circuit.layers()) {
            dot.append("  { rank=same;\n");
            for (NeuronGroup group : circuit.at(layer)) {
                String neurons = group.neurons().size() == 1
                        ? group.neurons().get(0).toString()
                        : group.neurons().size() + " neurons";
                dot.append("    ").append(id(circuit, group)).append(" [label=\"");
                dot.append(quoted(group.name()))
                        .append("\\n")
                        .append(quoted(neurons))
                        .append("\"];\n");
            }
            dot.append("  }\n");
        }
        double heaviest = circuit.edges().stream()
                .mapToDouble(edge -> Math.abs(edge.weight()))
                .max()
                .orElse(0);
        for (GroupEdge edge : circuit.edges()) {
            boolean positive = edge.weight() >= 0;
            double share = heaviest > 0 ? Math.abs(edge.weight()) / heaviest : 0;
            dot.append("  ").append(id(circuit, edge.child())).append(" -> ").append(id(circuit, edge.parent()));
            dot.append(String.format(
                    Locale.ROOT,
                    " [color=\"%s\", style=%s, penwidth=%.2f, weight=%d, tooltip=\"W=%+.3f, %d edges\"];\n",
                    positive ? "#0b62a8" : "#c9560c",
                    positive ? "solid" : "dashed",
                    0.4 + 4.6 * share,
                    1 + Math.round(9 * share),
                    edge.weight(),
                    edge.edgeCount()));
        }
        return dot.append("}\n").toString();
    }

    private static String quoted(String text) {
        return withoutControls(text).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
