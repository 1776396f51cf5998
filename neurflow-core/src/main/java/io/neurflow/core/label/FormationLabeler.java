package io.neurflow.core.label;

import java.util.List;

/** A labeler that can say how a concept forms from those of the layer below (Appendix G.2). */
public interface FormationLabeler extends ConceptLabeler {
    /**
     * Describes how a concept forms.
     *
     * @param view patches of the group
     * @param below patches of groups that weigh most for it in the layer below, at least one
     * @return how features of those below go into features of the group
     * @throws UnlabelledException if there is no answer for this group; others may have one
     * @throws io.neurflow.api.NeurflowException if there is no point in asking for any other group
     */
    Formation formation(ConceptView view, List<ConceptView> below);
}
