package io.neurflow.core.onnx;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.primitives.Ints;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out which module of the model's source a node belongs to, from what exporters leave behind: the scopes in node
 * names (PyTorch 1.13 and later), scopes in metadata (torch.export), or the names of weights. Where only weights are
 * named, nodes without weights that follow them (activations, sums, concatenations) are counted to the block that the
 * weights stand in.
 */
final class Modules {
    private static final Pattern WEIGHT = Pattern.compile("([A-Za-z_]\\w*(?:\\.\\w+)*)\\."
            + "(?:weight|bias|running_mean|running_var|gamma|beta|moving_mean|moving_variance)");
    /** Longer or deeper paths are no names of modules, and too dear to take apart. */
    private static final int LONGEST = 1024;

    private static final int DEEPEST = 32;
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

    private final boolean scoped;
    private final List<String> modules = new ArrayList<>();
    private final List<Boolean> weighted = new ArrayList<>();
    private final List<int[]> inputs = new ArrayList<>();
    private boolean nextWeighted;

    Modules(List<Proto.Node> nodes) {
        scoped = nodes.stream().anyMatch(node -> node.name().startsWith("/"));
    }

    /** The dotted path of the module that a new operator belongs to; empty if nothing says so. */
    String of(OnnxNode node, Op op, int... reads) {
        String module = raw(node, op, reads);
        return module.length() > LONGEST || CharMatcher.is('.').countIn(module) >= DEEPEST ? "" : module;
    }

    private String raw(OnnxNode node, Op op, int... reads) {
        String name = node.proto().name();
        nextWeighted = false;
        if (name.startsWith("/")) {
            return name.length() > LONGEST ? "" : ofScopes(name);
        }
        String declared = ofMetadata(node.proto());
        if (!declared.isEmpty()) {
            return declared;
        }
        Optional<String> ofWeights = ofWeights(node);
        if (ofWeights.isPresent()) {
            nextWeighted = true;
            return ofWeights.get();
        }
        boolean follows = op instanceof Op.Elementwise
                || op instanceof Op.Affine
                || op instanceof Op.Add
                || op instanceof Op.Mul
                || op instanceof Op.Concat;
        return scoped || !follows ? "" : ofInputs(reads);
    }

    /** Says that the operator was added. */
    void added(int index, String module, int... reads) {
        if (index != modules.size()) {
            throw new IllegalStateException("operator " + index + " was added out of order");
        }
        modules.add(module);
        weighted.add(nextWeighted);
        inputs.add(reads.clone());
    }

    /**
     * "/layer4/layer4.2/relu_2/Relu" is layer4.2.relu_2: a scope that repeats the one before it, or the whole path,
     * goes on from there.
     */
    static String ofScopes(String name) {
        List<String> scopes = Splitter.on('/').omitEmptyStrings().splitToList(name);
        String path = "";
        String before = "";
        for (String scope : scopes.subList(0, Math.max(0, scopes.size() - 1))) {
            if (path.isEmpty() || scope.startsWith(path + ".")) {
                path = scope;
            } else if (scope.startsWith(before + ".")) {
                path = path.substring(0, path.length() - before.length()) + scope;
            } else {
                path += "." + scope;
            }
            before = scope;
        }
        return path;
    }

    /** The scopes that torch.export writes: a list of paths that ends with the node's own name. */
    private static String ofMetadata(Proto.Node node) {
        String scopes = node.metadata().get("pkg.torch.onnx.name_scopes");
        if (scopes == null || scopes.length() > DEEPEST * LONGEST) {
            return "";
        }
        List<String> paths = new ArrayList<>();
        for (Matcher m = QUOTED.matcher(scopes); m.find(); ) {
            paths.add(m.group(1));
        }
        return paths.size() < 2 ? "" : paths.get(paths.size() - 2);
    }

    private static Optional<String> ofWeights(OnnxNode node) {
        for (int i = 0; i < node.proto().inputs().size(); i++) {
            if (node.optional(i).orElse(null) instanceof Constant constant) {
                Matcher m = WEIGHT.matcher(constant.source());
                if (constant.source().length() <= LONGEST && m.matches()) {
                    return Optional.of(m.group(1));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The module that holds all inputs. Of a residual block's sum, the input that the others are computed from is the
     * block's own input and says nothing.
     */
    private String ofInputs(int... reads) {
        int lowest = Ints.min(reads);
        if (lowest == NetworkGraph.INPUT) {
            return "";
        }
        BitSet below = below(lowest, reads);
        List<Integer> last = new ArrayList<>();
        for (int read : reads) {
            if (!below.get(read)) {
                last.add(read);
            }
        }
        String common = block(last.get(0));
        for (int read : last) {
            common = common(common, block(read));
        }
        return common;
    }

    /** The block that an operator stands in: with weights, the module around its own. */
    private String block(int value) {
        String module = modules.get(value);
        return weighted.get(value) ? module.substring(0, Math.max(0, module.lastIndexOf('.'))) : module;
    }

    /** Of the values from {@code lowest} on, those that some of the reads are computed from. */
    private BitSet below(int lowest, int... reads) {
        BitSet seen = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(Ints.asList(reads));
        while (!open.isEmpty()) {
            for (int input : inputs.get(open.pop())) {
                if (input >= lowest && !seen.get(input)) {
                    seen.set(input);
                    open.push(input);
                }
            }
        }
        return seen;
    }

    private static String common(String a, String b) {
        List<String> left = Splitter.on('.').splitToList(a);
        List<String> right = Splitter.on('.').splitToList(b);
        int same = 0;
        while (same < Math.min(left.size(), right.size()) && left.get(same).equals(right.get(same))) {
            same++;
        }
        return String.join(".", left.subList(0, same));
    }
}
