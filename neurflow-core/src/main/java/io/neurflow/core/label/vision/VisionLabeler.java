package io.neurflow.core.label.vision;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.neurflow.core.label.ConceptLabel;
import io.neurflow.core.label.ConceptView;
import io.neurflow.core.label.Formation;
import io.neurflow.core.label.FormationLabeler;
import io.neurflow.core.label.LabelOrigin;
import io.neurflow.core.label.OddOneOutJudge;
import io.neurflow.core.label.PictureSheet;
import io.neurflow.core.label.PngPicture;
import io.neurflow.core.label.UnlabelledException;
import io.neurflow.core.label.Usage;
import io.neurflow.core.store.RunStore;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Labels by a multimodal language model (Section 5.2, Appendix G). A group's patches are tiled into one picture; the prompt
 * says who the model should be, what to do, and the form of the answer, which is read strictly. An answer that does not keep to
 * the form is asked for again with what is wrong with it, twice; then, or if the model declines, the group has no label. A
 * server that is busy is asked again as {@link Patience} says. The model is never told names of layers, classes or files.
 *
 * <p>An immutable value but for the time of the last request: every method that configures returns a copy.
 *
 * <pre>{@code
 * VisionLabeler labeler = VisionLabeler.of(model).cache(RunStore.at(Path.of("answers")));
 * }</pre>
 */
public final class VisionLabeler implements FormationLabeler, OddOneOutJudge {
    private static final int READINGS = 3;

    private final VisionModel model;
    private final PatientModel patient;
    private final Patience patience;
    private final PatientModel.Clock clock;
    private final Optional<AnswerCache> cache;
    private final Optional<Prices> prices;
    private final int side;

    private VisionLabeler(
            VisionModel model,
            Patience patience,
            PatientModel.Clock clock,
            Optional<AnswerCache> cache,
            Optional<Prices> prices,
            int side) {
        this.model = model;
        this.patience = patience;
        this.clock = clock;
        this.patient = new PatientModel(model, patience, clock);
        this.cache = cache;
        this.prices = prices;
        this.side = side;
    }

    /**
     * Asks a model: {@link Patience#STANDARD}, no cache, no prices, patches of 112 pixels a side.
     *
     * @param model whom to ask
     * @return the labeler
     */
    public static VisionLabeler of(VisionModel model) {
        return new VisionLabeler(
                model, Patience.STANDARD, PatientModel.Clock.real(), Optional.empty(), Optional.empty(), 112);
    }

    /**
     * Keeps answers, and asks nothing that is answered there. Refusals and answers that cannot be read are not kept.
     * Default: no cache.
     *
     * @param store a folder of results; may be shared with circuits'
     * @return a copy
     */
    public VisionLabeler cache(RunStore store) {
        return new VisionLabeler(model, patience, clock, Optional.of(new AnswerCache(store)), prices, side);
    }

    /**
     * Computes what answers cost. Default: no prices, no cost.
     *
     * @param of the model's
     * @return a copy
     */
    public VisionLabeler prices(Prices of) {
        return new VisionLabeler(model, patience, clock, cache, Optional.of(of), side);
    }

    /**
     * How to deal with servers that are slow or say no for now. Default: {@link Patience#STANDARD}.
     *
     * @param how the rules
     * @return a copy
     */
    public VisionLabeler patience(Patience how) {
        return new VisionLabeler(model, how, clock, cache, prices, side);
    }

    /**
     * How large patches are shown. Default: 112; pictures of 16 patches then have 478 pixels a side.
     *
     * @param pixels 8 to 1024
     * @return a copy
     */
    public VisionLabeler patchSide(int pixels) {
        checkArgument(pixels >= 8 && pixels <= 1024, "expected 8 to 1024 pixels a side, but it is %s", pixels);
        return new VisionLabeler(model, patience, clock, cache, prices, pixels);
    }

    VisionLabeler clock(PatientModel.Clock with) {
        return new VisionLabeler(model, patience, with, cache, prices, side);
    }

    @Override
    public String name() {
        return model.name() + " (" + model.settings() + ")";
    }

    /**
     * The picture that a group is shown as.
     *
     * @param view the group
     * @return its patches, tiled
     */
    public PngPicture sheet(ConceptView view) {
        return PictureSheet.of(view, side);
    }

    @Override
    public ConceptLabel label(ConceptView view) {
        VisionQuestion question = new VisionQuestion(
                Prompts.ROLE,
                Prompts.MAIN + "\n" + Prompts.CAPTION_FORM,
                ImmutableList.of(new VisionQuestion.Exhibit("The set", sheet(view))));
        Answer<Answers.Caption> answer = answer(question, Answers::caption);
        return new ConceptLabel(
                view.group(), answer.read().caption(), answer.read().features(), answer.origin());
    }

    @Override
    public Formation formation(ConceptView view, List<ConceptView> below) {
        checkArgument(!below.isEmpty(), "expected groups that %s forms from, but there are none", view.group());
        ImmutableList.Builder<VisionQuestion.Exhibit> exhibits = ImmutableList.builder();
        exhibits.add(new VisionQuestion.Exhibit("Group 1", sheet(view)));
        for (int i = 0; i < below.size(); i++) {
            exhibits.add(new VisionQuestion.Exhibit("Group " + (i + 2), sheet(below.get(i))));
        }
        int groups = below.size() + 1;
        Answer<Answers.Evolution> answer = answer(
                new VisionQuestion(Prompts.ROLE, Prompts.MAIN + "\n" + Prompts.formation(groups), exhibits.build()),
                text -> Answers.evolution(text, groups));
        Answers.Evolution read = answer.read();
        ImmutableList.Builder<Formation.Step> steps = ImmutableList.builder();
        for (int i = 0; i < below.size(); i++) {
            steps.add(new Formation.Step(
                    below.get(i).group(), read.lower().get(i), read.matches().get(i)));
        }
        return new Formation(view.group(), read.caption(), read.features(), steps.build(), answer.origin());
    }

    @Override
    public Choice oddOneOut(ConceptLabel label, ConceptView choices, RandomGenerator ties) {
        int count = choices.patches().size();
        Answer<Integer> answer = answer(
                new VisionQuestion(
                        Prompts.ODD_ROLE,
                        Prompts.oddOneOut(label, count),
                        ImmutableList.of(
                                new VisionQuestion.Exhibit("The pictures", PictureSheet.numbered(choices, side)))),
                text -> Answers.oddOneOut(text, count));
        return new Choice(
                answer.read(),
                answer.origin().cached() ? Usage.NONE : answer.origin().usage());
    }

    /** How an answer is read. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(String answer) throws MalformedAnswerException;
    }

    private record Answer<T>(T read, LabelOrigin origin) {}

    private <T> Answer<T> answer(VisionQuestion question, Reader<T> reader) {
        Optional<AnswerCache.Known> known = cache.flatMap(answers -> answers.get(model, question));
        if (known.isPresent()) {
            try {
                return new Answer<>(
                        reader.read(known.get().answer()),
                        origin(
                                question,
                                known.get().answer(),
                                Prices.priced(known.get().usage(), prices),
                                true));
            } catch (MalformedAnswerException e) {
                // Of a version that read less strictly; asked again.
            }
        }
        VisionQuestion asked = question;
        Usage usage = Usage.NONE;
        String wrong = "";
        for (int reading = 0; reading < READINGS; reading++) {
            VisionReply reply = ask(asked, usage);
            usage = usage.plus(Prices.usage(reply, prices));
            try {
                if (reply.cutOff()) {
                    throw new MalformedAnswerException("it was cut off; be shorter");
                }
                T read = reader.read(reply.text());
                AnswerCache.Known fresh = new AnswerCache.Known(reply.text(), usage);
                cache.ifPresent(answers -> answers.put(model, question, fresh));
                return new Answer<>(read, origin(question, reply.text(), usage, false));
            } catch (MalformedAnswerException e) {
                if (Answers.declines(reply.text())) {
                    throw new UnlabelledException("the model declined: " + shown(reply.text()), usage);
                }
                wrong = String.valueOf(e.getMessage());
                asked = question.withRemark("# Once more\nAn earlier answer to this could not be read: " + wrong
                        + ". Keep to the answer form exactly.");
            }
        }
        throw new UnlabelledException(
                "expected an answer in the form asked for, but in the last of " + READINGS + " " + wrong, usage);
    }

    private VisionReply ask(VisionQuestion question, Usage before) {
        try {
            return patient.ask(question);
        } catch (VisionException e) {
            throw new UnlabelledException("the model declined: " + shown(String.valueOf(e.getMessage())), before);
        }
    }

    private LabelOrigin origin(VisionQuestion question, String answer, Usage usage, boolean cached) {
        return new LabelOrigin(name(), question.words(), question.picturesDigest(), answer, usage, cached);
    }

    private static String shown(String text) {
        String line = Answers.printable(text);
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
