package io.neurflow.core.label.vision;

import java.util.OptionalLong;

/**
 * What a model answered.
 *
 * @param text its words
 * @param cutOff whether it was stopped before its end
 * @param inputTokens what the question took, if the server says so
 * @param outputTokens what the answer took, if the server says so
 */
public record VisionReply(String text, boolean cutOff, OptionalLong inputTokens, OptionalLong outputTokens) {}
