package io.neurflow.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * How a result was made: enough to make it again.
 *
 * @param model what was explained
 * @param libraryVersion version of Neurflow
 * @param options every resolved option by name, in a fixed order
 * @param warnings what a reader should know before trusting the result, one line each
 */
public record Provenance(
        ModelInfo model, String libraryVersion, ImmutableMap<String, String> options, ImmutableList<String> warnings) {}
