package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which call of a layer a reference means. Calls are numbered from 0, but those of a model within a model from 1 as a rule:
 * its making counts as a call.
 */
final class Numbering {
    private final Map<String, Integer> first = new HashMap<>();

    Numbering(JsonNode model, Map<String, ImmutableList<ImmutableList<Calls.Input>>> inbound) {
        Map<String, Set<Integer>> used = new HashMap<>();
        Stream.concat(
                        inbound.values().stream().flatMap(Collection::stream).flatMap(Collection::stream),
                        Calls.references(model.path("config").path("output_layers")).stream())
                .forEach(input -> used.computeIfAbsent(input.layer(), key -> new HashSet<>())
                        .add(input.call()));
        for (JsonNode layer : ModelJson.layers(model)) {
            String name = ModelJson.name(layer);
            int count = inbound.getOrDefault(name, ImmutableList.of()).size();
            Set<Integer> calls = used.getOrDefault(name, Set.of());
            boolean fromOne = ModelJson.isModel(layer) && calls.contains(count) && !calls.contains(0);
            checkArgument(
                    fromOne || !ModelJson.isModel(layer) || count <= 1 || calls.contains(0),
                    "it cannot be told which of its %s calls of the model '%s' is meant; save it without sharing that model",
                    count,
                    name);
            first.put(name, fromOne ? 1 : 0);
        }
    }

    int call(Calls.Input input) {
        int call = input.call() - first.getOrDefault(input.layer(), 0);
        checkArgument(call >= 0, "there is no call %s of layer '%s'", input.call(), input.layer());
        return call;
    }
}
