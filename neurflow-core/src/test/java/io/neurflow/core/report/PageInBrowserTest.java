package io.neurflow.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser, as a reader uses it. Without Chromium on the PATH these tests are skipped. */
class PageInBrowserTest {
    private static final ConceptCircuit CIRCUIT = withWholeImages(SampleCircuits.realistic());
    private static final NeuronGroup LABELLED = CIRCUIT.groups().get(3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static HeadlessBrowser browser;
    private static URI page;

    @BeforeAll
    static void openTheBrowser() throws Exception {
        Optional<Path> program = HeadlessBrowser.installed();
        assumeTrue(program.isPresent(), "skipped: there is no chromium on the PATH");
        Path file = folder.resolve("page.html");
        CircuitReport.of(CIRCUIT)
                .className("bee")
                .pictures(SampleCircuits.drawn())
                .labels(Map.of(LABELLED.name(), "yellow petals"))
                .write(file);
        page = file.toUri();
        browser = HeadlessBrowser.start(program.get());
    }

    @AfterAll
    static void closeTheBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void openThePage() throws Exception {
        browser.open(page);
    }

    /** Errors of any kind, violations of the policy among them. */
    @AfterEach
    void theBrowserHasNothingToComplainOf() {
        assertThat(browser.complaints()).isEmpty();
    }

    /** The sample's patches are halves; the page shows source images where there are whole ones. */
    private static ConceptCircuit withWholeImages(ConceptCircuit circuit) {
        ImmutableList.Builder<Patch> patches = ImmutableList.<Patch>builder().addAll(circuit.patches());
        int index = circuit.patches().size();
        for (SourceImage image : circuit.images()) {
            patches.add(new Patch(index++, image.index(), 1, 0, 0, 224));
        }
        return new ConceptCircuit(
                circuit.neurons(),
                circuit.groups(),
                circuit.edges(),
                circuit.silhouettes(),
                circuit.images(),
                patches.build(),
                circuit.provenance());
    }

    private static int number(String expression) throws Exception {
        return browser.eval(expression).asInt();
    }

    private static String text(String expression) throws Exception {
        return browser.eval(expression).asText();
    }

    @Test
    void showsTheHeaviestEdgesAndFiltersByWeightAndSign() throws Exception {
        int all = CIRCUIT.edges().size();
        int first = number("document.querySelectorAll('.edge').length");
        assertThat(first).isBetween(CIRCUIT.groups().size() - 1, all / 2);
        assertThat(text("document.querySelector('#shown').textContent")).isEqualTo(first + " of " + all + " edges");
        assertThat(number("document.querySelectorAll('.card').length"))
                .isEqualTo(CIRCUIT.groups().size());

        set("threshold", "0");
        browser.await("document.querySelectorAll('.edge').length === " + all);
        set("sign", "minus");
        long minus = CIRCUIT.edges().stream().filter(edge -> edge.weight() < 0).count();
        browser.await("document.querySelectorAll('.edge').length === " + minus);
        assertThat(number("document.querySelectorAll('.edge.plus').length")).isZero();
        set("threshold", "1000");
        browser.eval("document.querySelector('#keep').click()");
        browser.await("document.querySelectorAll('.edge').length <= 1");
    }

    private static void set(String control, String value) throws Exception {
        browser.eval("(() => { const c = document.getElementById('" + control + "'); c.value = '" + value
                + "'; c.dispatchEvent(new Event('input')); c.dispatchEvent(new Event('change')); })()");
    }

    @Test
    void noEdgeCrossesTheNamesOfTheLayers() throws Exception {
        set("threshold", "0");
        browser.await("document.querySelectorAll('.edge').length === "
                + CIRCUIT.edges().size());
        JsonNode overlaps = browser.eval("(() => { const names = [...document.querySelectorAll('.row span')]"
                + ".map(name => name.getBoundingClientRect());"
                + "return [...document.querySelectorAll('.edge .line')].map(line => line.getBoundingClientRect())"
                + ".filter(line => names.some(name => line.left < name.right && line.right > name.left"
                + " && line.top < name.bottom - 9 && line.bottom > name.top + 9)).length; })()");
        assertThat(overlaps.asInt()).isZero();
    }

    @Test
    void aClickOpensAGroupWithItsNeuronsPatchesAndEdges() throws Exception {
        int g = CIRCUIT.groups().indexOf(LABELLED);
        assertThat(text("document.querySelector('#g" + g + " .label').textContent"))
                .isEqualTo("yellow petals");
        browser.eval("document.querySelector('#g" + g + "').scrollIntoView({inline: 'center'})");
        browser.click("#g" + g);
        browser.await("!document.querySelector('#panel').hidden");
        assertThat(text("document.querySelector('#sheet h2').textContent")).isEqualTo(LABELLED.name());
        assertThat(text("document.activeElement.tagName")).isEqualTo("H2");
        assertThat(text("document.querySelector('#sheet').textContent"))
                .contains("yellow petals")
                .contains("Goes up to")
                .contains("Comes from")
                .contains("semantic group")
                .contains(LABELLED.neurons().get(0).toString());
        assertThat(number("document.querySelectorAll('#g" + g + ".open').length"))
                .isEqualTo(1);

        browser.eval("document.querySelector('#sheet button.t').click()");
        assertThat(number("document.querySelectorAll('#sheet .source .whole').length"))
                .isEqualTo(1);
        JsonNode box = browser.eval("(() => { const whole = document.querySelector('.source .whole')"
                + ".getBoundingClientRect(), box = document.querySelector('.source .box').getBoundingClientRect();"
                + " return [box.width / whole.width, box.height / whole.height]; })()");
        assertThat(box.get(0).asDouble()).isBetween(0.49, 0.51);
        assertThat(box.get(1).asDouble()).isBetween(0.49, 0.51);

        browser.key("Escape");
        browser.await("document.querySelector('#panel').hidden");
        assertThat(text("document.activeElement.id")).isEqualTo("g" + g);
    }

    @Test
    void findsLabelsAndNeuronsAndWalksByKeyboard() throws Exception {
        browser.key("/");
        assertThat(text("document.activeElement.id")).isEqualTo("search");
        browser.type("yellow");
        assertThat(text("document.querySelector('#found').textContent")).isEqualTo("1 group found");
        browser.key("Enter");
        browser.await("document.querySelector('#sheet h2')?.textContent === '" + LABELLED.name() + "'");
        browser.key("Escape");

        browser.eval("document.querySelector('.card[tabindex=\"0\"]').focus()");
        browser.key("ArrowUp");
        browser.await("document.activeElement.id === 'g0'");
        browser.key("ArrowDown");
        browser.await("document.activeElement.classList.contains('card') && document.activeElement.id !== 'g0'");
        String below = text("document.activeElement.id");
        browser.key("ArrowRight");
        browser.key("ArrowLeft");
        assertThat(text("document.activeElement.id")).isEqualTo(below);
        browser.key("Enter");
        browser.await("!document.querySelector('#panel').hidden");
    }

    @Test
    void tracesAnImageToTheClassAndAGroupToWhatItFormsFrom() throws Exception {
        set("image", "1");
        browser.await("document.querySelector('#sheet h2')?.textContent.startsWith('Image ')");
        assertThat(number("document.querySelectorAll('.card.open').length"))
                .isEqualTo(number("page.data.layers.reduce((sum, layer, row) => sum + Math.max(row ? 0 : 1, Math.min(3,"
                        + " page.data.groups.filter(group => group.layer === row"
                        + " && group.images.some(([i]) => i === 1)).length)), 0)"));
        assertThat(number("document.querySelectorAll('#g0.open').length")).isEqualTo(1);
        assertThat(number("document.querySelectorAll('.edge.near').length")).isPositive();

        browser.eval("location.hash = '#form:' + encodeURIComponent(page.data.groups[0].name)");
        browser.await("document.querySelector('#sheet h2')?.textContent.startsWith('How ')");
        assertThat(number("document.querySelectorAll('#sheet h3').length"))
                .isEqualTo(CIRCUIT.layers().size());
        assertThat(number("document.querySelectorAll('.edge.near').length")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void notesAreSavedAndReadAgain() throws Exception {
        browser.eval("page.go(page.data.groups[2].name)");
        browser.await("!!document.querySelector('#sheet textarea')");
        browser.eval("document.querySelector('#sheet textarea').focus()");
        browser.type("legs, I think");
        assertThat(text("document.querySelector('#noted').textContent")).isEqualTo("1 note, not saved");
        JsonNode saved = browser.eval("JSON.parse(page.notesText())");
        assertThat(saved.get("notes").get(CIRCUIT.groups().get(2).name()).asText())
                .isEqualTo("legs, I think");
        // A second note replaces the first; then the saved file brings it back.
        browser.eval("(() => { const text = page.notesText(); page.readNotes('{}');"
                + " const field = document.querySelector('#sheet textarea'); field.value = 'wings';"
                + " field.dispatchEvent(new Event('input')); page.readNotes(text); })()");
        assertThat(text("page.noteOf(page.data.groups[2].name)")).isEqualTo("legs, I think");
        assertThat(text("document.querySelector('#noted').textContent")).isEqualTo("1 note loaded");
        assertThat(number("document.querySelectorAll('.card.noted').length")).isEqualTo(1);
    }

    @Test
    void zoomsPansAndShowsTheGraphAsTables() throws Exception {
        browser.eval("document.querySelector('#zoom-full').click()");
        double card = browser.eval("document.querySelector('#g0').getBoundingClientRect().width")
                .asDouble();
        browser.key("-");
        assertThat(browser.eval("document.querySelector('#g0').getBoundingClientRect().width")
                        .asDouble())
                .isBetween(0.79 * card, 0.81 * card);
        browser.key("0");
        assertThat(browser.eval("page.view.scrollWidth <= page.view.clientWidth")
                        .asBoolean())
                .isTrue();
        browser.key("t");
        assertThat(number("document.querySelectorAll('#tables tbody')[0].rows.length"))
                .isEqualTo(CIRCUIT.groups().size());
        assertThat(number("document.querySelectorAll('#tables tbody')[1].rows.length"))
                .isEqualTo(number("page.passing().length"));
    }

    @Test
    void aDragThatStartsOnACardMovesTheGraphAndOpensNothing() throws Exception {
        browser.eval("[...Array(6)].forEach(() => document.querySelector('#zoom-in').click())");
        // The card farthest down and right has room above it and on its left for the drag.
        String card =
                "page.cards.reduce((best, next) => { const [a, b] = [best, next].map(c => c.getBoundingClientRect());"
                        + " return b.x + b.y > a.x + a.y ? next : best; })";
        browser.eval(card + ".scrollIntoView({ block: 'center', inline: 'center' })");
        int left = number("page.view.scrollLeft");
        int top = number("page.view.scrollTop");
        assertThat(Math.min(left, top)).isGreaterThan(80);
        JsonNode at = browser.eval("(() => { const box = " + card
                + ".getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()");
        browser.drag(at.get(0).asDouble(), at.get(1).asDouble(), 80, 60);
        assertThat(number("page.view.scrollLeft")).isEqualTo(left - 80);
        assertThat(number("page.view.scrollTop")).isEqualTo(top - 60);
        assertThat(browser.eval("document.querySelector('#panel').hidden").asBoolean())
                .isTrue();
    }
}
