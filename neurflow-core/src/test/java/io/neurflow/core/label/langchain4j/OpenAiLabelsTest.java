package io.neurflow.core.label.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import io.neurflow.core.label.ConceptLabel;
import io.neurflow.core.label.ConceptLabels;
import io.neurflow.core.label.ConceptView;
import io.neurflow.core.label.Formation;
import io.neurflow.core.label.LabelsJson;
import io.neurflow.core.label.UnlabelledException;
import io.neurflow.core.label.vision.Patience;
import io.neurflow.core.label.vision.Prices;
import io.neurflow.core.label.vision.VisionLabeler;
import io.neurflow.core.store.RunStore;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenAiLabelsTest {
    private static final String KEY = "sk-very-secret-0123456789";
    private static final String GOOD = "Common features: white petals; yellow centre\nCaption: Daisies on green.";
    private static final Patience HASTY =
            new Patience(3, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ZERO);

    @TempDir
    private Path folder;

    private OpenAiServer server;

    @BeforeEach
    void start() throws IOException {
        server = new OpenAiServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private VisionLabeler labeler() {
        return VisionLabeler.of(OpenAiEndpoint.at(server.address(), "tiny-vision")
                        .key(KEY)
                        .timeout(Duration.ofSeconds(3))
                        .open())
                .patience(HASTY)
                .prices(new Prices(2, 10));
    }

    private static ConceptView view(String group) {
        SourceImage image = new SourceImage(0, "secret-name.png", "00");
        ImmutableList<Patch> patches = ImmutableList.of(
                new Patch(0, 0, 0.5, 0, 0, 8), new Patch(1, 0, 0.5, 8, 8, 8), new Patch(2, 0, 1, 0, 0, 16));
        return new ConceptView(group, patches, ImmutableList.of(), ImmutableList.of(image), (patch, side) -> {
            BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(patch.index(), group.hashCode() & 7, 0xff00ff);
            return picture;
        });
    }

    @Test
    void anAnswerBecomesALabelWithItsOriginAndNoNameIsSent() {
        server.answers(GOOD);
        ConceptLabel label = labeler().label(view("layer9/G3"));
        assertThat(label.caption()).isEqualTo("Daisies on green.");
        assertThat(label.features()).containsExactly("white petals", "yellow centre");
        assertThat(label.origin().usage().inputTokens()).isEqualTo(1000);
        assertThat(label.origin().usage().cost()).hasValue((1000 * 2 + 20 * 10) / 1e6);
        assertThat(server.keys).containsExactly("Bearer " + KEY);
        String sent = server.requests.get(0).toString();
        assertThat(sent).contains("data:image/png;base64,", "tiny-vision").doesNotContain("layer9", "secret-name");
    }

    @Test
    void aFormationMatchesFeaturesOfEachGroupBelow() {
        server.answers(
                """
                Group 1 features: petals
                Group 2 features: white; edges
                Group 3 features: red
                Evolution:
                Group 2: white -> petals; edges -> petals
                Group 3: no match
                Caption: Flowers.
                """);
        Formation formation = labeler().formation(view("b/G0"), List.of(view("a/G0"), view("a/G1")));
        assertThat(formation.steps()).hasSize(2);
        assertThat(formation.steps().get(0).matches())
                .containsExactly(new Formation.Match("white", "petals"), new Formation.Match("edges", "petals"));
        assertThat(formation.steps().get(1).matches()).isEmpty();
        assertThat(server.requests.get(0).toString().split("data:image/png", -1))
                .hasSize(4);
    }

    @Test
    void aRateLimitAndServerErrorsAreWaitedOut() {
        server.then(exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "0");
                    OpenAiServer.send(exchange, 429, "{\"error\":{\"message\":\"slow down\"}}");
                })
                .then(exchange -> OpenAiServer.send(exchange, 503, "busy"))
                .answers(GOOD);
        assertThat(labeler().label(view("a/G0")).features()).hasSize(2);
        assertThat(server.requests).hasSize(3);
    }

    @Test
    void aWaitLongerThanWeWantEndsTheRun() {
        server.then(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            OpenAiServer.send(exchange, 429, "{}");
        });
        assertThatThrownBy(() -> labeler().label(view("a/G0")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("3600 s");
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void errorsThatStayEndTheRun() {
        server.then(exchange -> OpenAiServer.send(exchange, 500, "broken"));
        assertThatThrownBy(() -> labeler().label(view("a/G0")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("last of 3 attempts")
                .hasMessageContaining("500");
        assertThat(server.requests).hasSize(3);
    }

    @Test
    void whatIsNoJsonOrLacksFieldsIsAskedForAgainAndEndsTheRun() {
        for (String body : List.of("{\"choices\": [", "{}", "{\"choices\":[]}", "<html>")) {
            server.close();
            assertThatThrownBy(() -> {
                        try (OpenAiServer broken = new OpenAiServer()) {
                            broken.then(exchange -> OpenAiServer.send(exchange, 200, body));
                            VisionLabeler.of(OpenAiEndpoint.at(broken.address(), "m")
                                            .open())
                                    .patience(HASTY)
                                    .label(view("a/G0"));
                        }
                    })
                    .as(body)
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("last of 3 attempts");
        }
    }

    @Test
    void refusalsLeaveTheGroupWithoutLabel() {
        server.then(exchange -> OpenAiServer.send(
                        exchange,
                        200,
                        OpenAiServer.completion("\"content\":null,\"refusal\":\"I will not look at this.\"", "stop")))
                .answers("I'm sorry, but I can't help with that.");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> labeler().label(view("a/G0"))).isInstanceOf(UnlabelledException.class);
        }
        assertThat(server.requests).hasSize(2);
    }

    @Test
    void anAnswerOutOfFormIsAskedForAgainWithTheReasonAndThenGivenUp() {
        server.answers("They are daisies.").answers("Caption: Daisies.").answers(GOOD);
        assertThat(labeler().label(view("a/G0")).origin().usage().requests()).isEqualTo(3);
        assertThat(server.requests.get(2).toString()).contains("the line 'common features:' is missing");
        server.answers("Odd one: 9");
        server.answers("Odd one: 9");
        assertThatThrownBy(() -> labeler()
                        .oddOneOut(new ConceptLabel("a/G0", "x", ImmutableList.of(), null), view("q"), new Random(1)))
                .isInstanceOf(UnlabelledException.class);
    }

    @Test
    void aServerThatDoesNotAnswerTimesOut() {
        server.then(exchange -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        VisionLabeler impatient = VisionLabeler.of(OpenAiEndpoint.at(server.address(), "m")
                        .timeout(Duration.ofMillis(300))
                        .open())
                .patience(HASTY);
        assertThatThrownBy(() -> impatient.label(view("a/G0")))
                .isInstanceOf(NeurflowException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void theSameIsNotAskedTwice() {
        server.answers(GOOD);
        VisionLabeler kept = labeler().cache(RunStore.at(folder.resolve("answers")));
        ConceptLabel first = kept.label(view("a/G0"));
        ConceptLabel again = kept.label(view("a/G0"));
        assertThat(server.requests).hasSize(1);
        assertThat(again.origin().cached()).isTrue();
        assertThat(again.caption()).isEqualTo(first.caption());
        kept.label(view("a/G1"));
        assertThat(server.requests).as("other pictures").hasSize(2);
    }

    @Test
    void theKeyIsInNoFileAndNoMessage() throws IOException {
        String echo = "Common features: " + KEY + "\nCaption: The key is " + KEY + ".";
        server.answers(echo)
                .then(exchange -> OpenAiServer.send(
                        exchange, 401, "{\"error\":{\"message\":\"Incorrect API key provided: " + KEY + "\"}}"));
        VisionLabeler kept = labeler().cache(RunStore.at(folder.resolve("answers")));
        ConceptLabel label = kept.label(view("a/G0"));
        ConceptLabels labels = new ConceptLabels(
                kept.name(), "00", ImmutableList.of(label), ImmutableList.of(), ImmutableList.of(), Optional.empty());
        LabelsJson.write(labels, folder.resolve("labels.json"));
        assertThat(LabelsJson.read(folder.resolve("labels.json"))).isEqualTo(labels);
        assertThatThrownBy(() -> kept.label(view("a/G1")))
                .hasMessageContaining("401")
                .hasMessageNotContaining(KEY)
                .hasNoCause();
        assertThat(OpenAiEndpoint.at(server.address(), "m").key(KEY).toString()).doesNotContain(KEY);
        assertThat(labels.toString() + kept.name()).doesNotContain(KEY);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(KEY);
            }
        }
    }

    @Test
    void aKeyDoesNotGoOverPlainHttpToAnotherMachine() {
        assertThatThrownBy(() -> OpenAiEndpoint.at(URI.create("http://example.org/v1"), "m")
                        .key(KEY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https")
                .hasMessageNotContaining(KEY);
    }
}
