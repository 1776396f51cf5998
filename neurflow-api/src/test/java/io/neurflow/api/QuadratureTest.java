package io.neurflow.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.google.common.primitives.ImmutableDoubleArray;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class QuadratureTest {

    private static double integral(Quadrature quadrature, int power) {
        ImmutableDoubleArray nodes = quadrature.nodes();
        ImmutableDoubleArray weights = quadrature.weights();
        double sum = 0;
        for (int n = 0; n < quadrature.steps(); n++) {
            sum += weights.get(n) * Math.pow(nodes.get(n), power);
        }
        return sum;
    }

    @Property(tries = 200)
    void weightsAddUpToOneAndNodesAscendWithinTheUnitInterval(
            @ForAll Quadrature.Rule rule, @ForAll @IntRange(min = 2, max = 300) int steps) {
        Assume.that(rule != Quadrature.Rule.EXACT);
        Quadrature quadrature = new Quadrature(rule, steps);
        assertThat(integral(quadrature, 0)).isCloseTo(1, offset(1e-12));
        assertThat(quadrature.nodes().asList()).isSorted().allSatisfy(a -> assertThat(a)
                .isBetween(0.0, 1.0));
    }

    @Property(tries = 50)
    void gaussLegendreIsExactUpToDegreeTwoNMinusOne(@ForAll @IntRange(min = 1, max = 60) int steps) {
        Quadrature gauss = Quadrature.gaussLegendre(steps);
        for (int power = 0; power < 2 * steps; power++) {
            assertThat(integral(gauss, power)).isCloseTo(1.0 / (power + 1), offset(1e-12));
        }
    }

    /** NumPy 1.24's leggauss(5), moved to [0, 1]. */
    @Test
    void gaussLegendreWithFiveNodes() {
        double[] nodes = {0.04691007703066802, 0.23076534494715845, 0.5, 0.7692346550528415, 0.953089922969332};
        double[] weights = {
            0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324, 0.11846344252809454
        };
        Quadrature gauss = Quadrature.gaussLegendre(5);
        for (int n = 0; n < 5; n++) {
            assertThat(gauss.nodes().get(n)).isCloseTo(nodes[n], offset(1e-14));
            assertThat(gauss.weights().get(n)).isCloseTo(weights[n], offset(1e-14));
        }
    }

    @Test
    void exactHasNoNodesAndSaysSo() {
        Quadrature exact = Quadrature.exact();
        assertThat(exact).isEqualTo(new Quadrature(Quadrature.Rule.EXACT, 0)).hasToString("EXACT");
        assertThatThrownBy(exact::nodes)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("GAUSS_LEGENDRE");
        assertThatThrownBy(() -> exact.withSteps(7)).hasMessageContaining("EXACT");
    }

    @Test
    void tablesAreComputedOnce() {
        Quadrature gauss = Quadrature.gaussLegendre(7);
        assertThat(gauss.nodes()).isSameAs(gauss.nodes());
        assertThat(gauss.weights()).isSameAs(gauss.weights());
        assertThat(gauss).isEqualTo(Quadrature.gaussLegendre(7)).hasSameHashCodeAs(Quadrature.gaussLegendre(7));
        assertThat(gauss).isNotEqualTo(Quadrature.gaussLegendre(8)).isNotEqualTo(Quadrature.midpoint(7));
    }

    @Test
    void rightRiemannIsThePapersRule() {
        assertThat(Quadrature.riemannRight(4).nodes().asList()).containsExactly(0.25, 0.5, 0.75, 1.0);
    }

    @Test
    void stepsAreChecked() {
        assertThatThrownBy(() -> Quadrature.midpoint(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 1 to 100000 integration steps for MIDPOINT, but there are 0");
        assertThatThrownBy(() -> new Quadrature(Quadrature.Rule.TRAPEZOID, 1))
                .hasMessage("expected 2 to 100000 integration steps for TRAPEZOID, but there are 1");
    }
}
