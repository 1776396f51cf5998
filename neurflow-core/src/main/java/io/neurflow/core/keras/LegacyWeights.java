package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights of an .h5 file: one group for each layer of the outermost model, with the names of its weights in an attribute.
 * A model inside the model has all its weights in one group, and their names say which layer they belong to.
 */
final class LegacyWeights implements WeightSource {
    /** What earlier versions called a weight. */
    private static final ImmutableMap<String, Set<String>> SYNONYMS = ImmutableMap.of(
            "kernel", Set.of("kernel", "W", "depthwise_kernel"),
            "bias", Set.of("bias", "b"),
            "moving_mean", Set.of("moving_mean", "running_mean"),
            // Keras 1 called the variance so, and held the variance in it.
            "moving_variance", Set.of("moving_variance", "running_std"));

    private final Hdf5 file;
    private final Group groups;
    private final Map<String, ImmutableList<String>> names = new HashMap<>();

    LegacyWeights(Hdf5 file, Group groups) {
        this.file = file;
        this.groups = groups;
    }

    @Override
    public ImmutableMap<String, Array> of(ImmutableList<String> layer, ImmutableList<String> roles) {
        String outermost = layer.get(0);
        Node node = file.node(groups, outermost)
                .orElseThrow(() -> new IllegalArgumentException("there is no group 'model_weights/" + outermost
                        + "' for its weights; save the whole model again"));
        checkArgument(node instanceof Group, "'model_weights/%s' is no group, expected its weights", outermost);
        ImmutableList<String> own = names.computeIfAbsent(
                outermost, name -> file.texts(node, "weight_names").orElse(ImmutableList.of()));
        if (layer.size() > 1) {
            own = inside(layer, own);
        }
        checkArgument(
                own.size() == roles.size(),
                "the file has weights %s for it, expected %s",
                own,
                roles.isEmpty() ? "none" : roles);
        ImmutableMap.Builder<String, Array> result = ImmutableMap.builder();
        for (String role : roles) {
            List<String> found = own.stream().filter(name -> isRole(name, role)).toList();
            checkArgument(found.size() == 1, "the file has weights %s for it, expected one called '%s'", own, role);
            String source = "model_weights/" + outermost + "/" + found.get(0);
            Node data = file.node((Group) node, found.get(0))
                    .orElseThrow(() -> new IllegalArgumentException("there is no array '" + source + "' in the file"));
            if (!role.equals(COUNT)) {
                result.put(role, file.array(data, source));
            }
        }
        return result.buildOrThrow();
    }

    /** The weights of a layer inside other models, by the names before the last one. */
    private static ImmutableList<String> inside(ImmutableList<String> layer, ImmutableList<String> all) {
        String name = layer.get(layer.size() - 1);
        ImmutableList<String> candidates =
                all.stream().filter(each -> isOf(each, name)).collect(ImmutableList.toImmutableList());
        // Two models may hold layers of the same name; then the names around them tell.
        ImmutableList<String> narrowed = candidates.stream()
                .filter(each -> around(each, layer.subList(1, layer.size() - 1)))
                .collect(ImmutableList.toImmutableList());
        return narrowed.isEmpty() ? candidates : narrowed;
    }

    private static boolean isOf(String weight, String layer) {
        List<String> parts = Splitter.on('/').splitToList(weight);
        // A layer's own name may have slashes in it.
        int depth = Splitter.on('/').splitToList(layer).size();
        return parts.size() > depth
                && String.join("/", parts.subList(parts.size() - 1 - depth, parts.size() - 1))
                        .equals(layer);
    }

    private static boolean around(String weight, List<String> models) {
        List<String> parts = Splitter.on('/').splitToList(weight);
        return parts.containsAll(models);
    }

    /** Whether a name such as conv1/kernel:0, bn_1_gamma:0 or kernel stands for a role. */
    private static boolean isRole(String weight, String role) {
        String last = weight.substring(weight.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        String bare = colon < 0 ? last : last.substring(0, colon);
        Set<String> known = SYNONYMS.getOrDefault(role, Set.of(role));
        return known.stream().anyMatch(name -> bare.equals(name) || bare.endsWith("_" + name));
    }
}
