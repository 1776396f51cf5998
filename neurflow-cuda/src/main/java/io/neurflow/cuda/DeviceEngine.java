package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Node;
import io.neurflow.core.graph.Op;
import java.util.List;
import java.util.Optional;

/**
 * One device and a network on it: forward passes and gradients in batches as large as there is room for. When the device runs
 * out of memory the batch is halved, for good, and the work goes on.
 */
final class DeviceEngine implements AutoCloseable {
    private static final int MOST = 256;
    private static final int MOST_RAYS = 4096;
    private static final double SHARE = 0.8;

    /** A value whose whole maps, or whose means, are wanted. */
    record Wanted(int value, boolean means) {}

    private final NetworkGraph graph;
    private final Kit kit;
    private int most = MOST;
    private int mostRays = MOST_RAYS;

    DeviceEngine(NetworkGraph graph, Driver driver) {
        this.graph = graph;
        DeviceMemory memory = new DeviceMemory(driver);
        this.kit = new Kit(driver, memory, new DeviceWeights(driver, memory));
    }

    NetworkGraph graph() {
        return graph;
    }

    Kit kit() {
        return kit;
    }

    /** After running out of memory with so many items. */
    void halve(int items, OutOfDeviceMemoryException cause) {
        checkRoom(items, cause);
        most = Math.max(1, Math.min(most, items) / 2);
        kit.memory().trim();
    }

    /**
     * Values of some items.
     *
     * @param from {@link NetworkGraph#INPUT} or a node
     * @param x [count, values of {@code from}]
     * @param wanted what is wanted
     * @return for each of {@code wanted} [count, values] or [count, channels]
     */
    List<float[]> forward(int from, float[] x, int count, ImmutableList<Wanted> wanted) {
        kit.driver().use();
        ImmutableSet<Integer> to = wanted.stream().map(Wanted::value).collect(ImmutableSet.toImmutableSet());
        Segment segment = new Segment(graph, graph.between(from, to), ImmutableSet.of(from), to, false);
        int size = Extent.size(graph.dimensions(from));
        List<float[]> results =
                wanted.stream().map(w -> new float[count * cells(w)]).toList();
        int room = fitting(Room.forward(segment, to), Room.largest(segment));
        int start = 0;
        while (start < count) {
            int n = Math.min(Math.min(room, most), count - start);
            try (DeviceMemory.Scope scope = kit.memory().scope()) {
                ForwardPass pass = new ForwardPass(kit, scope, segment, n, to, false);
                Memory input = scope.take((long) n * size);
                kit.driver().upload(x, start * size, n * size, input);
                pass.put(from, input);
                pass.run();
                for (int i = 0; i < wanted.size(); i++) {
                    fetch(wanted.get(i), pass, scope, n, results.get(i), start);
                }
                start += n;
            } catch (OutOfDeviceMemoryException e) {
                halve(n, e);
            }
        }
        return results;
    }

    private int cells(Wanted wanted) {
        return wanted.means()
                ? Extent.channels(graph.dimensions(wanted.value()))
                : Extent.size(graph.dimensions(wanted.value()));
    }

    private void fetch(Wanted wanted, ForwardPass pass, DeviceMemory.Scope scope, int n, float[] into, int first) {
        int cells = cells(wanted);
        if (!wanted.means()) {
            kit.driver().download(pass.value(wanted.value()), n * cells, into, first * cells);
            return;
        }
        Memory means = means(kit, scope, pass.value(wanted.value()), n, graph, wanted.value());
        kit.driver().download(means, n * cells, into, first * cells);
        scope.give(means);
    }

    /** The mean over the positions of each channel. */
    static Memory means(Kit kit, DeviceMemory.Scope scope, Memory value, int n, NetworkGraph graph, int of) {
        int channels = Extent.channels(graph.dimensions(of));
        int positions = Extent.positions(graph.dimensions(of));
        Memory means = scope.take((long) n * channels);
        // As a mean over one long row.
        List<Integer> window = List.of(channels, 1, positions, 1, 1, 1, positions, 1, 1, 1, 1, 0, 0);
        kit.run(Kernel.of(Kind.MEAN), n * channels, means, value, window, List.of(0, 0, 0, 0));
        return means;
    }

    /** The gradient of the mean of a channel: [count, values of {@code from}]. */
    float[] gradient(int from, float[] x, int count, int to, int channel) {
        kit.driver().use();
        Peeled target = peel(to, channel, from);
        Segment segment = new Segment(
                graph,
                graph.between(from, ImmutableList.of(target.value())),
                ImmutableSet.of(from),
                ImmutableSet.of(target.value()),
                false);
        int size = Extent.size(graph.dimensions(from));
        float[] result = new float[count * size];
        long room = Room.forward(segment, segment.neededBehind()) + Room.backward(segment);
        int fitting = fitting(room, Room.largest(segment));
        int start = 0;
        while (start < count) {
            int n = Math.min(Math.min(fitting, most), count - start);
            try (DeviceMemory.Scope scope = kit.memory().scope()) {
                ForwardPass pass = new ForwardPass(kit, scope, segment, n, segment.neededBehind(), true);
                Memory input = scope.take((long) n * size);
                kit.driver().upload(x, start * size, n * size, input);
                pass.put(from, input);
                pass.run();
                Items items = new Items(1, n, scope.ints(0), scope.ints(target.channel()));
                BackwardPass back = new BackwardPass(kit, scope, segment, pass, items);
                back.start(target.value(), 1);
                int first = start * size;
                back.run((value, gradient, function, gate) -> {
                    Gradient whole = back.whole(value, gradient);
                    function.ifPresent(f -> kit.run(
                            Kernel.of(Kind.GATE, f),
                            n * size,
                            whole.memory(),
                            whole.memory(),
                            BackwardPass.gate(gate),
                            items.map(),
                            items.steps(),
                            size));
                    kit.driver().download(whole.memory(), n * size, result, first);
                });
                start += n;
            } catch (OutOfDeviceMemoryException e) {
                halve(n, e);
            }
        }
        return result;
    }

    /**
     * A channel and the value that it is taken from.
     *
     * @param value below all concatenations
     * @param channel of that value
     */
    record Peeled(int value, int channel) {}

    /** Where a channel comes from, below concatenations: of the other branches nothing is computed. */
    Peeled peel(int value, int channel, int from) {
        int at = value;
        int rest = channel;
        Optional<Node> node = concat(at, from);
        while (node.isPresent()) {
            for (int branch : node.get().inputs()) {
                int channels = graph.dimensions(branch).get(0);
                if (rest < channels) {
                    at = branch;
                    break;
                }
                rest -= channels;
            }
            node = concat(at, from);
        }
        return new Peeled(at, rest);
    }

    private Optional<Node> concat(int value, int from) {
        return value == from
                        || value == NetworkGraph.INPUT
                        || !(graph.nodes().get(value).op() instanceof Op.Concat)
                ? Optional.empty()
                : Optional.of(graph.nodes().get(value));
    }

    /** Rows and items that a ray run should have in a batch. */
    int rays(RayPlan plan) {
        int cap = Math.toIntExact(
                Math.max(1, Kit.LARGEST_ARRAY / Math.max(Room.largest(plan.bent()), Room.largest(plan.affine()))));
        int limit = Math.min(mostRays, cap);
        long up = Room.forward(plan.bent(), plan.kept()) + Room.forward(plan.affine(), plan.front());
        long down = Room.backward(plan.bent()) + Room.backward(plan.affine());
        long free = (long) (SHARE * kit.memory().freeBytes() / 4 / Math.max(1, up + down));
        return (int) Math.max(1, Math.min(limit, free));
    }

    /** After running out of memory with so many of them. */
    void halveRays(int rays, OutOfDeviceMemoryException cause) {
        checkRoom(rays, cause);
        kit.memory().trim();
        mostRays = Math.max(1, rays / 2);
    }

    private void checkRoom(int items, OutOfDeviceMemoryException cause) {
        if (items <= 1) {
            throw new NeurflowException(
                    "expected room for one item on " + kit.driver().device() + ", but " + cause.getMessage()
                            + "; end what else uses the card, or take another",
                    cause);
        }
    }

    /** Items for which there is room. */
    int fitting(long cellsAnItem, long largest) {
        long free = (long) (SHARE * kit.memory().freeBytes() / 4 / Math.max(1, cellsAnItem));
        return (int) Math.max(1, Math.min(Math.min(free, most), Kit.LARGEST_ARRAY / largest));
    }

    @Override
    public void close() {
        kit.driver().use();
        kit.memory().close();
        kit.driver().close();
    }
}
