package io.neurflow.core.label;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.ConceptCircuit;
import io.neurflow.api.NeuronGroup;
import io.neurflow.api.Patch;
import io.neurflow.api.Progress;
import io.neurflow.api.ProgressListener;
import io.neurflow.core.image.PatchPictures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Finds out whether labels tell anything, without looking at them: a judge gets a group's label and m patches in random
 * order, m - 1 of the group's concept and one of another group of the same layer (of any other patches, if the layer has one
 * group), and says which does not belong. Guessing is right in 1/m of the cases. A label that fits everything does no better.
 *
 * <p>The patches are of those that the label was <em>not</em> made from, as long as the concept has m - 1 of them; the score
 * says so otherwise. No two patches of a question overlap by more than half, and if the images allow it, all are of different
 * images. An immutable value: every method that configures returns a copy.
 */
public final class LabelAudit {
    private final OddOneOutJudge judge;
    private final String name;
    private final int choices;
    private final int questions;
    private final long seed;
    private final ProgressListener progress;

    private LabelAudit(
            OddOneOutJudge judge, String name, int choices, int questions, long seed, ProgressListener progress) {
        this.judge = judge;
        this.name = name;
        this.choices = choices;
        this.questions = questions;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * Five choices, eight questions for each group, seed 1.
     *
     * @param judge who chooses; for labels of a model best another model, or people
     * @param name what to call the judge
     * @return the configuration
     */
    public static LabelAudit by(OddOneOutJudge judge, String name) {
        return new LabelAudit(judge, name, 5, 8, 1, ProgressListener.NONE);
    }

    /**
     * How many patches to choose from. Default: 5.
     *
     * @param m 2 to 20
     * @return a copy
     */
    public LabelAudit choices(int m) {
        checkArgument(m >= 2 && m <= 20, "expected 2 to 20 patches to choose from, but it is %s", m);
        return new LabelAudit(judge, name, m, questions, seed, progress);
    }

    /**
     * How many questions for each group. Default: 8.
     *
     * @param each at least 1
     * @return a copy
     */
    public LabelAudit questions(int each) {
        checkArgument(each >= 1, "expected 1 question or more for each group, but it is %s", each);
        return new LabelAudit(judge, name, choices, each, seed, progress);
    }

    /**
     * Seed of patches and order. Default: 1.
     *
     * @param seed any
     * @return a copy
     */
    public LabelAudit seed(long seed) {
        return new LabelAudit(judge, name, choices, questions, seed, progress);
    }

    /**
     * Who is told how far it has come.
     *
     * @param listener may end the run by a {@link java.util.concurrent.CancellationException}
     * @return a copy
     */
    public LabelAudit onProgress(ProgressListener listener) {
        return new LabelAudit(judge, name, choices, questions, seed, listener);
    }

    /**
     * Asks.
     *
     * @param circuit the circuit
     * @param pictures of its patches
     * @param labels of the circuit
     * @param shown how many patches of each group the labels were made from, as {@link CircuitLabeler#patches} was told
     * @return how often the odd one was found; groups without a label, and those with fewer than m - 1 patches, are left out
     * @throws io.neurflow.api.NeurflowException if the judge cannot be reached, or the labels are of another circuit
     */
    public AuditResult of(ConceptCircuit circuit, PatchPictures pictures, ConceptLabels labels, int shown) {
        labels.checkFits(circuit);
        long start = System.nanoTime();
        ConceptPatches patches = new ConceptPatches(circuit);
        List<NeuronGroup> asked = circuit.groups().stream()
                .filter(group -> labels.of(group).isPresent())
                .toList();
        ImmutableList.Builder<AuditResult.Score> scores = ImmutableList.builder();
        ImmutableList.Builder<LabelProblem> problems = ImmutableList.builder();
        Usage usage = Usage.NONE;
        int done = 0;
        for (NeuronGroup group : asked) {
            ConceptLabel label = labels.of(group).orElseThrow();
            ImmutableList<Patch> telling = patches.telling(group);
            boolean unseen = telling.size() - shown >= choices - 1;
            List<Patch> own = unseen ? telling.subList(shown, telling.size()) : telling;
            List<Patch> others = patches.ofOtherGroups(group);
            int right = 0;
            int tried = 0;
            for (int i = 0; i < questions; i++) {
                progress.onProgress(new Progress(
                        "audit", done++, (long) asked.size() * questions, Duration.ofNanos(System.nanoTime() - start)));
                // A seed of its own for each question, so that more questions or groups do not change the others.
                Random random =
                        new Random(seed * 1_000_003L + 31L * group.name().hashCode() + i);
                Optional<Question> question = question(own, others, random);
                if (question.isEmpty()) {
                    continue;
                }
                tried++;
                ConceptView view = new ConceptView(
                        "question", question.get().patches(), ImmutableList.of(), circuit.images(), pictures);
                try {
                    OddOneOutJudge.Choice choice = judge.oddOneOut(label, view, random);
                    right += choice.position() == question.get().odd() ? 1 : 0;
                    usage = usage.plus(choice.usage());
                } catch (UnlabelledException e) {
                    problems.add(new LabelProblem(group.name(), String.valueOf(e.getMessage()), e.usage()));
                    usage = usage.plus(e.usage());
                }
            }
            if (tried > 0) {
                scores.add(new AuditResult.Score(group.name(), right, tried, unseen));
            }
        }
        return new AuditResult(name, choices, seed, scores.build(), problems.build(), usage);
    }

    /** What to choose from, and the position of the right answer. */
    private record Question(ImmutableList<Patch> patches, int odd) {}

    private Optional<Question> question(List<Patch> own, List<Patch> others, Random random) {
        List<Patch> chosen = new ArrayList<>();
        take(Draws.some(own, own.size(), random), choices - 1, chosen);
        if (chosen.size() < choices - 1) {
            return Optional.empty();
        }
        take(Draws.some(others, others.size(), random), choices, chosen);
        if (chosen.size() < choices) {
            return Optional.empty();
        }
        Patch odd = chosen.get(choices - 1);
        Collections.shuffle(chosen, random);
        return Optional.of(new Question(ImmutableList.copyOf(chosen), chosen.indexOf(odd)));
    }

    /** Adds until there are so many: of images that are not there yet, then of others that do not overlap. */
    private static void take(List<Patch> from, int until, List<Patch> chosen) {
        Set<Integer> images = new HashSet<>();
        chosen.forEach(patch -> images.add(patch.image()));
        for (Patch patch : from) {
            if (chosen.size() < until && images.add(patch.image())) {
                chosen.add(patch);
            }
        }
        for (Patch patch : from) {
            if (chosen.size() < until && chosen.stream().noneMatch(other -> overlap(patch, other) > 0.5)) {
                chosen.add(patch);
            }
        }
    }

    /** The share of the smaller window that both have. */
    private static double overlap(Patch one, Patch other) {
        if (one.image() != other.image()) {
            return 0;
        }
        double high = Math.min(one.top() + one.size(), other.top() + other.size()) - Math.max(one.top(), other.top());
        double wide =
                Math.min(one.left() + one.size(), other.left() + other.size()) - Math.max(one.left(), other.left());
        double least = Math.min(one.size(), other.size());
        return Math.max(0, high) * Math.max(0, wide) / (least * least);
    }
}
