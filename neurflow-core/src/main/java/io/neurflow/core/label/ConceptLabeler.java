package io.neurflow.core.label;

/**
 * Says in words what patches have in common. {@link NameLabeler} and {@link StatisticsLabeler} need no network;
 * {@link io.neurflow.core.label.vision.VisionLabeler} asks a multimodal language model. A labeler that can say how a
 * concept forms from those below is a {@link FormationLabeler}, too, and one that can tell which of some patches a label
 * does not fit is an {@link OddOneOutJudge}.
 */
public interface ConceptLabeler {
    /**
     * What labels are signed with.
     *
     * @return a few words, the same at each call; no secrets
     */
    String name();

    /**
     * Describes what a group's patches have in common.
     *
     * @param view the patches
     * @return the label of {@code view.group()}
     * @throws UnlabelledException if there is no label for this group; others may have one
     * @throws io.neurflow.api.NeurflowException if there is no point in asking for any other group
     */
    ConceptLabel label(ConceptView view);
}
