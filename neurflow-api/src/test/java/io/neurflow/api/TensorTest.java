package io.neurflow.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    private static final Shape SHAPE = new Shape(2, 1, 2);

    private static Tensor sample(Precision precision) {
        return Tensor.of(2, SHAPE, new double[] {1, 2, 3, 4, 5, 6, 7, 8}, precision);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void itemsAreTakenScaledAndJoinedInEitherPrecision(Precision precision) {
        Tensor t = sample(precision);
        assertThat(t.precision()).isEqualTo(precision);
        assertThat(t.at(1, 0, 0, 1)).isEqualTo(6);
        assertThat(t.slice(1, 2).toDoubles()).containsExactly(5, 6, 7, 8);
        assertThat(t.select(ImmutableIntArray.of(1, 1, 0)).toFloats())
                .containsExactly(5, 6, 7, 8, 5, 6, 7, 8, 1, 2, 3, 4);
        assertThat(t.slice(0, 1).scaled(1, 0.5).toDoubles()).containsExactly(1, 2, 3, 4, 0.5, 1, 1.5, 2);
        assertThat(Tensor.concat(List.of(t, t)).count()).isEqualTo(4);
        assertThat(t.spatialMeans()).isDeepEqualTo(new double[][] {{1.5, 3.5}, {5.5, 7.5}});
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void knockingOutLeavesTheOriginalAlone(Precision precision) {
        Tensor t = sample(precision);
        assertThat(t.withoutChannels(List.of(1)).toDoubles()).containsExactly(1, 2, 0, 0, 5, 6, 0, 0);
        t.toDoubles()[0] = 99;
        t.toFloats()[0] = 99;
        assertThat(t.at(0, 0, 0, 0)).isEqualTo(1);
    }

    @Test
    void wrongExtentsAreNamed() {
        assertThatThrownBy(() -> Tensor.ofFloats(2, SHAPE, new float[7]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 8 values for 2 items of shape 2x1x2, but there are 7");
        assertThatThrownBy(() -> sample(Precision.FLOAT32).withoutChannels(List.of(2)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new Shape(0, 1, 1)).hasMessage("a shape needs positive extents, but it has 0 x 1 x 1");
    }
}
