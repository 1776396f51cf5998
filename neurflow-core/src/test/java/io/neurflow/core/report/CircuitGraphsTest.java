package io.neurflow.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.ConceptCircuit;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class CircuitGraphsTest {
    private static final String NS = "http://graphml.graphdrawing.org/xmlns";

    @Test
    void graphMlHoldsEveryGroupAndEdgeWithItsNumbers() throws Exception {
        for (ConceptCircuit circuit : List.of(SampleCircuits.small(), SampleCircuits.hostile())) {
            Document xml = parse(CircuitGraphs.graphMl(circuit));
            NodeList nodes = xml.getElementsByTagNameNS(NS, "node");
            NodeList edges = xml.getElementsByTagNameNS(NS, "edge");
            assertThat(nodes.getLength()).isEqualTo(circuit.groups().size());
            assertThat(edges.getLength()).isEqualTo(circuit.edges().size());
            for (int i = 0; i < nodes.getLength(); i++) {
                var group = circuit.groups().get(i);
                Element node = (Element) nodes.item(i);
                assertThat(data(node, "label")).isEqualTo(shown(group.name()));
                assertThat(data(node, "layer")).isEqualTo(shown(group.layer().name()));
                assertThat(data(node, "patchCount"))
                        .isEqualTo(Integer.toString(group.concept().length()));
                assertThat(data(node, "neurons"))
                        .contains(shown(group.neurons().get(0).toString()));
            }
            for (int i = 0; i < edges.getLength(); i++) {
                var edge = circuit.edges().get(i);
                Element line = (Element) edges.item(i);
                assertThat(Double.parseDouble(data(line, "weight"))).isEqualTo(edge.weight());
                assertThat(data(line, "edgeCount")).isEqualTo(Integer.toString(edge.edgeCount()));
                Element child = node(nodes, line.getAttribute("source"));
                assertThat(data(child, "label")).isEqualTo(shown(edge.child().name()));
                Element parent = node(nodes, line.getAttribute("target"));
                assertThat(data(parent, "label")).isEqualTo(shown(edge.parent().name()));
            }
        }
    }

    private static String shown(String name) {
        return name.replace('\u2028', '\uFFFD');
    }

    @Test
    void charactersThatXmlCannotHoldAreReplaced() {
        assertThat(CircuitGraphs.withoutControls("a\u0000b\uD800c\uD83D\uDC1D"))
                .isEqualTo("a\uFFFDb\uFFFDc\uD83D\uDC1D");
    }

    @Test
    void dotHasARankPerLayerAndQuotesNames() {
        ConceptCircuit circuit = SampleCircuits.hostile();
        String dot = CircuitGraphs.dot(circuit);
        assertThat(dot.lines().filter(line -> line.contains("rank=same"))).hasSize(3);
        assertThat(dot.lines().filter(line -> line.contains("->") && line.contains("penwidth")))
                .hasSize(circuit.edges().size());
        for (String line : dot.lines().toList()) {
            long quotes = line.replace("\\\\", "")
                    .replace("\\\"", "")
                    .chars()
                    .filter(c -> c == '"')
                    .count();
            assertThat(quotes % 2).as(line).isZero();
        }
        assertThat(dot).contains("style=dashed").contains("style=solid");
    }

    private static Element node(NodeList nodes, String id) {
        for (int i = 0; i < nodes.getLength(); i++) {
            if (((Element) nodes.item(i)).getAttribute("id").equals(id)) {
                return (Element) nodes.item(i);
            }
        }
        throw new AssertionError("no node " + id);
    }

    private static String data(Element owner, String key) {
        NodeList data = owner.getElementsByTagNameNS(NS, "data");
        for (int i = 0; i < data.getLength(); i++) {
            if (((Element) data.item(i)).getAttribute("key").equals(key)) {
                return data.item(i).getTextContent();
            }
        }
        throw new AssertionError("no " + key);
    }

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }
}
