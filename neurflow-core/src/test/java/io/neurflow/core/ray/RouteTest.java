package io.neurflow.core.ray;

import static org.assertj.core.api.Assertions.assertThat;

import io.neurflow.api.Precision;
import io.neurflow.api.Shape;
import io.neurflow.api.Tensor;
import io.neurflow.core.graph.NetworkGraph;
import io.neurflow.core.graph.Op;
import org.junit.jupiter.api.Test;

/** Graphs that files from strangers may hold. */
class RouteTest {
    private static final int DEEP = 100_000;

    @Test
    void chainsOfAHundredThousandPoolsAreOneSource() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        Op pool = new Op.MaxPool(new Op.Window(1, 1, 1, 1, 1, 1, Op.Padding.NONE, false));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            value = builder.add("n" + i, "v" + i, "", pool, value);
        }
        NetworkGraph graph = builder.build(value);
        Route route = Route.of(graph, NetworkGraph.INPUT, value, 1).orElseThrow();
        assertThat(route.directs()).containsExactly(new Route.Direct(value, 1));
        assertThat(route.picks()).isTrue();
        Tensor x = Tensor.of(1, new Shape(2, 1, 1), new double[] {3, 4}, Precision.FLOAT32);
        assertThat(new Sources(graph, NetworkGraph.INPUT, x, 0).values(value)).containsExactly(3, 4);
    }

    @Test
    void aValueThatIsAddedToItselfAHundredThousandTimesIsLeftToTheGradients() {
        NetworkGraph.Builder builder = NetworkGraph.builder("deep", "digest", new Shape(2, 1, 1));
        int value = NetworkGraph.INPUT;
        for (int i = 0; i < DEEP; i++) {
            value = builder.add("n" + i, "v" + i, "", new Op.Add(), value, value);
        }
        NetworkGraph graph = builder.build(value);
        assertThat(Route.of(graph, NetworkGraph.INPUT, value, 0)).isEmpty();
    }
}
