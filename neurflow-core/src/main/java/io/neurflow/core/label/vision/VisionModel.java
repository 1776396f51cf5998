package io.neurflow.core.label.vision;

/**
 * A model that answers questions on pictures, once, without memory of earlier questions.
 * {@link io.neurflow.core.label.langchain4j.LangChainModel} makes one of any chat model of LangChain4j. It should not repeat
 * failed requests: {@link VisionLabeler} does.
 */
public interface VisionModel {
    /**
     * The model.
     *
     * @return as its provider calls it; goes into labels and keys of the cache, so no secrets
     */
    String name();

    /**
     * Whatever else decides on the answer: provider, address, temperature.
     *
     * @return one line, the same for the same answers; goes into labels and keys of the cache, so no secrets
     */
    String settings();

    /**
     * Asks.
     *
     * @param question words and pictures
     * @return the answer
     * @throws VisionException if there is none
     */
    VisionReply ask(VisionQuestion question);
}
