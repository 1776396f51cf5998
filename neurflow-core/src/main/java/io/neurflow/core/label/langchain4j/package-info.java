/**
 * Chat models of LangChain4j as {@link io.neurflow.core.label.vision.VisionModel}s. The only package that knows LangChain4j,
 * which is an optional dependency: {@code dev.langchain4j:langchain4j-core} for {@link
 * io.neurflow.core.label.langchain4j.LangChainModel} with a provider's module of your choice, {@code langchain4j-open-ai} for
 * {@link io.neurflow.core.label.langchain4j.OpenAiEndpoint}.
 */
@NullMarked
package io.neurflow.core.label.langchain4j;

import org.jspecify.annotations.NullMarked;
