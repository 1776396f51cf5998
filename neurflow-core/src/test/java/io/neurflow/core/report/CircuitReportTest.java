package io.neurflow.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.ConceptCircuit;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CircuitReportTest {
    private static final ConceptCircuit CIRCUIT = SampleCircuits.realistic();
    private static final String HTML = CircuitReport.of(CIRCUIT)
            .className("bee")
            .pictures(SampleCircuits.drawn())
            .toHtml();

    @Test
    void thePageHoldsEveryGroupAndEveryEdgeOnce() {
        assertThat(all("<button type=\"button\" class=\"card\" id=\"g(\\d+)\"", HTML))
                .hasSize(CIRCUIT.groups().size())
                .doesNotHaveDuplicates();
        JsonNode data = data(HTML);
        assertThat(data.get("groups")).hasSize(CIRCUIT.groups().size());
        assertThat(data.get("edges")).hasSize(CIRCUIT.edges().size());
        assertThat(data.get("nodes")).hasSize(CIRCUIT.neurons().nodes().size());
    }

    @Test
    void thePolicyAllowsTheInlineBlocksByTheirHashesAndNothingElse() throws Exception {
        String policy =
                all("Content-Security-Policy\" content=\"([^\"]*)\"", HTML).get(0);
        assertThat(policy)
                .isEqualTo("default-src 'none'; img-src data:; style-src " + hash(all("(?s)<style>(.*?)</style>", HTML))
                        + "; script-src " + hash(all("(?s)<script>(.*?)</script>", HTML))
                        + "; base-uri 'none'; form-action 'none'");
        assertThat(all("<[a-z][^<>]*\\s(style|src|on[a-z]+)=", HTML)).isEmpty();
        String withoutPictures = HTML.replaceAll("url\\(data:image/jpeg;base64,[^)]*\\)", "");
        assertThat(withoutPictures)
                .doesNotContain("url(")
                .doesNotContain("https:")
                .doesNotContain("@import");
        assertThat(all("(http:[^\"]*)", withoutPictures)).containsOnly("http://www.w3.org/2000/svg");
    }

    private static String hash(List<String> blocks) throws Exception {
        assertThat(blocks).hasSize(1);
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(blocks.get(0).getBytes(UTF_8));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    @Test
    void hostileNamesStayText() {
        ConceptCircuit circuit = SampleCircuits.hostile();
        String html = CircuitReport.of(circuit)
                .className(SampleCircuits.HOSTILE)
                .pictures(SampleCircuits.drawn())
                .toHtml();
        assertThat(html).doesNotContain("<img");
        assertThat(all("(</script>)", html)).hasSize(2);
        assertThat(html).doesNotContain("\u2028<");
        JsonNode data = data(html);
        assertThat(data.get("layers").get(1).get("name").asText()).isEqualTo(SampleCircuits.HOSTILE);
        assertThat(data.get("images").toString()).contains("</script><img");
    }

    @Test
    void eachPictureIsThereOnceAndEveryReferenceHasOne() {
        Set<String> pictures = new HashSet<>(all("\\.p(\\d+)\\{background-image", HTML));
        assertThat(all("\\.p(\\d+)\\{background-image", HTML)).hasSameSizeAs(pictures);
        Set<String> named = new HashSet<>();
        data(HTML).get("patches").fieldNames().forEachRemaining(named::add);
        assertThat(named).isEqualTo(pictures);
        Set<String> used = new HashSet<>(all("class=\"t p(\\d+)\"", HTML));
        data(HTML).get("groups").forEach(g -> g.get("pictures").forEach(p -> used.add(p.asText())));
        data(HTML).get("nodes").forEach(n -> n.get("groups")
                .forEach(g -> g.get(1).forEach(p -> used.add(p.asText()))));
        assertThat(used).isEqualTo(pictures);
    }

    @Test
    void aCardPrefersPatchesOfDistinctImages() {
        PictureTable table = PictureTable.of(CIRCUIT, SampleCircuits.drawn(), 1);
        for (var group : CIRCUIT.groups()) {
            List<Integer> shown = table.onCard(group);
            assertThat(shown).hasSize(4).doesNotHaveDuplicates();
            assertThat(shown.stream().map(p -> CIRCUIT.patches().get(p).image()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aPageOf150NeuronsStaysBelowSixMegabytesAndSaysWhatIsLeftOut() {
        ConceptCircuit large = new SampleCircuits(5, List.of("fc", "c", "b", "a"), 50, 30, 400, 50, 16).circuit();
        String html = CircuitReport.of(large).pictures(SampleCircuits.drawn()).toHtml();
        assertThat(html.getBytes(UTF_8).length).isLessThan(6_000_000);
        int said = Integer.parseInt(
                all("Shown of each semantic group: at most (\\d+)", html).get(0));
        int most = 0;
        for (JsonNode node : data(html).get("nodes")) {
            for (JsonNode group : node.get("groups")) {
                most = Math.max(most, group.get(1).size());
            }
        }
        assertThat(most).isEqualTo(said).isBetween(1, 6);
    }

    @Test
    void rowsFollowTheLayersAndCardsDoNotOverlap() {
        GroupMap map = GroupMap.of(CIRCUIT, 107, 126);
        for (int i = 0; i < map.places().size(); i++) {
            GroupMap.Place a = map.places().get(i);
            assertThat(a.x()).isBetween(0, map.width() - map.cardWidth());
            assertThat(a.y()).isBetween(0, map.height() - map.cardHeight());
            for (int j = 0; j < i; j++) {
                GroupMap.Place b = map.places().get(j);
                boolean sameLayer = CIRCUIT.groups()
                        .get(i)
                        .layer()
                        .equals(CIRCUIT.groups().get(j).layer());
                assertThat(a.y() == b.y()).isEqualTo(sameLayer);
                assertThat(!sameLayer || Math.abs(a.x() - b.x()) > map.cardWidth())
                        .isTrue();
                assertThat(a.y()).isGreaterThanOrEqualTo(b.y());
            }
        }
        assertThat(GroupMap.of(CIRCUIT, 107, 126)).isEqualTo(map);
    }

    @Test
    void theHeadSaysHowFarTheCircuitCanBeTrusted() {
        assertThat(CircuitReport.of(CIRCUIT).toHtml())
                .contains("largest completeness residual", "Completeness residuals by layer", "explain --certify");
        ConceptCircuit certified = CIRCUIT.withCertificate(new CircuitCertificate(
                0.05,
                3,
                2,
                9,
                ImmutableList.of(new CircuitCertificate.Ablated("zero", 0.9, -0.001, 1 / 21.0, 0.8, 0.2)),
                0.5,
                1,
                1,
                0,
                0.5,
                0.5,
                0.5,
                0.75,
                ImmutableList.of("the whole <certificate>")));
        assertThat(CircuitReport.of(certified).toHtml())
                .contains("Better than random circuits</b> (p 0.048, level 0.05, 3 held-out images): keeps 0.90 of the"
                        + " model's answer, what is left out 0.00, with other channels at zero.")
                .contains("the whole &lt;certificate&gt;")
                .doesNotContain("explain --certify");
    }

    @Test
    void aReportWithoutPicturesSaysSo() {
        String html = CircuitReport.of(SampleCircuits.small()).toHtml();
        assertThat(html)
                .contains("made without pictures")
                .contains("Concept circuit of fc#309")
                .doesNotContain("data:image");
    }

    @Test
    void theSvgIsWellFormedAndShowsEveryGroup() throws Exception {
        for (ConceptCircuit circuit : List.of(CIRCUIT, SampleCircuits.hostile())) {
            String svg = CircuitReport.of(circuit)
                    .className(SampleCircuits.HOSTILE)
                    .pictures(SampleCircuits.drawn())
                    .toSvg();
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var xml = factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
            assertThat(xml.getElementsByTagName("svg").getLength())
                    .isEqualTo(1 + circuit.groups().size());
        }
    }

    @Test
    void configurationIsCheckedAndCopied(@TempDir Path folder) throws Exception {
        CircuitReport report = CircuitReport.of(SampleCircuits.small());
        assertThatIllegalArgumentException().isThrownBy(() -> report.className(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> report.picturesPerGroup(0));
        assertThat(report.className("bee")).isNotSameAs(report);
        Path file = folder.resolve("page.html");
        report.write(file);
        assertThat(Files.readString(file)).isEqualTo(report.toHtml());
    }

    private static JsonNode data(String html) {
        try {
            return new ObjectMapper()
                    .readTree(all("(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>", html)
                            .get(0));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> all(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
