package io.neurflow.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import org.junit.jupiter.api.Test;

class BinomialTest {
    @Test
    void tailsAndIntervalsAreThoseOfTables() {
        assertThat(Binomial.atLeast(8, 10, 0.5)).isEqualTo(56.0 / 1024, offset(1e-12));
        // Clopper-Pearson, 95 %: of 0/10 and 5/10, as R's binom.test says.
        assertThat(Binomial.upper(0, 10)).isEqualTo(0.3084971, offset(1e-6));
        assertThat(Binomial.lower(5, 10)).isEqualTo(0.1870860, offset(1e-6));
        assertThat(Binomial.upper(5, 10)).isEqualTo(0.8129140, offset(1e-6));
        assertThat(Binomial.lower(0, 10)).isZero();
        assertThat(Binomial.upper(10, 10)).isEqualTo(1);
    }
}
