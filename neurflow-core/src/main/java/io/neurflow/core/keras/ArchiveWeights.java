package io.neurflow.core.keras;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Weights of a .keras archive: arrays have numbers instead of names, and layers are numbered within their class, in the
 * order of the model's description: layers/conv2d/vars/0, layers/conv2d_1/vars/0 and so on. Newer versions of Keras also
 * note the layer's name, which is then checked.
 */
final class ArchiveWeights implements WeightSource {
    /** What the container of layers was called by Keras 3, and before. */
    private static final ImmutableList<String> CONTAINERS =
            ImmutableList.of("layers", "_layer_checkpoint_dependencies");

    private static final Pattern NOT_WORD = Pattern.compile("\\W+");
    private static final Pattern BEFORE_WORD = Pattern.compile("(.)([A-Z][a-z]+)");
    private static final Pattern BEFORE_CAPITAL = Pattern.compile("([a-z])([A-Z])");

    private final Hdf5 file;
    /** Of every layer, under its path, the group that holds its arrays. */
    private final Map<List<String>, Group> groups = new HashMap<>();

    ArchiveWeights(Hdf5 file, JsonNode model) {
        this.file = file;
        index(file.root(), model, ImmutableList.of());
    }

    @Override
    public ImmutableMap<String, Array> of(ImmutableList<String> layer, ImmutableList<String> roles) {
        Group group = groups.get(layer);
        checkArgument(
                group != null || roles.isEmpty(),
                "the archive's weights have none for it, expected %s; save the model again",
                roles);
        int count = group == null ? 0 : file.children(group).size();
        checkArgument(count == roles.size(), "the archive has %s arrays for it, expected %s", count, roles);
        ImmutableMap.Builder<String, Array> result = ImmutableMap.builder();
        for (int i = 0; i < roles.size() && group != null; i++) {
            String source = group.getPath() + i;
            Node data = file.node(group, Integer.toString(i))
                    .orElseThrow(
                            () -> new IllegalArgumentException("there is no array '" + source + "' in the archive"));
            if (!roles.get(i).equals(COUNT)) {
                result.put(roles.get(i), file.array(data, source));
            }
        }
        return result.buildOrThrow();
    }

    /** Gives the numbered groups of a model back to its layers. */
    private void index(Group parent, JsonNode model, ImmutableList<String> path) {
        Optional<Group> container = CONTAINERS.stream()
                .flatMap(name -> file.node(parent, name).stream())
                .filter(Group.class::isInstance)
                .map(Group.class::cast)
                .findFirst();
        if (container.isEmpty()) {
            return;
        }
        Map<String, List<JsonNode>> byClass = new HashMap<>();
        for (JsonNode layer : ModelJson.layers(model)) {
            byClass.computeIfAbsent(snakeCase(layer.path("class_name").asText()), key -> new ArrayList<>())
                    .add(layer);
        }
        Set<String> present = file.children(container.get());
        byClass.forEach((name, layers) -> {
            Map<Integer, Group> numbered = new TreeMap<>();
            present.stream().filter(child -> number(child, name) >= 0).forEach(child -> file.node(
                            container.get(), child)
                    .filter(node -> node instanceof Group group && holdsArrays(group))
                    .ifPresent(node -> numbered.put(number(child, name), (Group) node)));
            if (numbered.keySet().stream().allMatch(number -> number < layers.size())) {
                numbered.forEach((number, group) -> put(group, layers.get(number), path));
                return;
            }
            // Keras 2.12 to 2.15 left numbers out.
            checkArgument(
                    numbered.size() == layers.size(),
                    "its description has %s layers of class %s, but its weights are for %s; save the model again",
                    layers.size(),
                    layers.get(0).path("class_name").asText(),
                    numbered.size());
            int i = 0;
            for (Group group : numbered.values()) {
                put(group, layers.get(i++), path);
            }
        });
    }

    private void put(Group group, JsonNode layer, ImmutableList<String> around) {
        ImmutableList<String> path = ImmutableList.<String>builder()
                .addAll(around)
                .add(ModelJson.name(layer))
                .build();
        Optional<Group> arrays = arrays(group);
        if (arrays.isPresent()) {
            file.text(arrays.get(), "name")
                    .ifPresent(name -> checkArgument(
                            name.equals(ModelJson.name(layer)),
                            "its weights are in another order than its layers: those of '%s' stand where '%s' is expected",
                            name,
                            ModelJson.name(layer)));
            groups.put(path, arrays.get());
        }
        index(group, layer, path);
    }

    /** Whether a group or one inside it has arrays; what has none is skipped by the numbering of some versions. */
    private boolean holdsArrays(Group group) {
        return arrays(group).isPresent()
                || CONTAINERS.stream()
                        .flatMap(name -> file.node(group, name).stream())
                        .anyMatch(node -> node instanceof Group inner
                                && file.children(inner).stream()
                                        .flatMap(child -> file.node(inner, child).stream())
                                        .anyMatch(each -> each instanceof Group layer && holdsArrays(layer)));
    }

    private Optional<Group> arrays(Group group) {
        return file.node(group, "vars")
                .filter(node ->
                        node instanceof Group arrays && !file.children(arrays).isEmpty())
                .map(Group.class::cast);
    }

    /** The number of a group among those of a class, 0 without a number; -1 if it is of another class. */
    private static int number(String group, String name) {
        if (group.equals(name)) {
            return 0;
        }
        String rest = group.startsWith(name + "_") ? group.substring(name.length() + 1) : "";
        return !rest.isEmpty() && rest.length() < 8 && rest.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Integer.parseInt(rest)
                : -1;
    }

    /** A class's name as Keras turns it into a name for weights: DepthwiseConv2D becomes depthwise_conv2d. */
    static String snakeCase(String name) {
        String word = NOT_WORD.matcher(name).replaceAll("");
        String split = BEFORE_WORD.matcher(word).replaceAll("$1_$2");
        return BEFORE_CAPITAL.matcher(split).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    }
}
