/**
 * Labels by a multimodal language model (Section 5.2, Appendix G): prompts, strict reading of answers, a cache of answers and
 * patience with servers, over a {@link io.neurflow.core.label.vision.VisionModel} that knows nothing of them.
 */
@NullMarked
package io.neurflow.core.label.vision;

import org.jspecify.annotations.NullMarked;
