package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class IntervalTest {
    @Test
    void holdsTheTrueMeanAboutAsOftenAsItSaysOver300Seeds() {
        // normal differences of mean 0.3, 20 neurons: the percentile bootstrap is known to be a little short
        long held = LongStream.rangeClosed(1, 300)
                .filter(seed -> {
                    Random random = new Random(seed);
                    double[] values = random.doubles(20)
                            .map(unused -> 0.3 + random.nextGaussian())
                            .toArray();
                    Interval interval = Interval.of(values, seed);
                    return interval.low() <= 0.3 && 0.3 <= interval.high();
                })
                .count();
        assertThat(held / 300.0).isBetween(0.88, 0.98);
    }

    @Test
    void isNarrowerByTheRootOfTheNumber() {
        Random random = new Random(5);
        double[] few = random.doubles(25).toArray();
        double[] many = random.doubles(2500).toArray();
        Interval wide = Interval.of(few, 1);
        Interval narrow = Interval.of(many, 1);
        assertThat((wide.high() - wide.low()) / (narrow.high() - narrow.low())).isBetween(6.0, 14.0);
        // 2 x 1.96 x the standard error of a uniform variable
        assertThat(narrow.high() - narrow.low()).isCloseTo(2 * 1.96 * Math.sqrt(1 / 12.0 / 2500), within(0.002));
    }

    @Test
    void theSameSeedGivesTheSameEndsAndWhatHasNoValueIsLeftOut() {
        double[] values = {1, 2, Double.NaN, 4, 7};
        Interval one = Interval.of(values, 3);
        assertThat(one).isEqualTo(Interval.of(new double[] {1, 2, 4, 7}, 3));
        assertThat(one.units()).isEqualTo(4);
        assertThat(one.mean()).isEqualTo(3.5);
        double[] many = new Random(1).doubles(30).toArray();
        assertThat(Interval.of(many, 3)).isEqualTo(Interval.of(many, 3)).isNotEqualTo(Interval.of(many, 4));
        assertThat(one.low()).isBetween(1.0, 3.5);
        assertThat(one.high()).isBetween(3.5, 7.0);
    }

    @Test
    void oneValueHasNoIntervalAndNoneHasNoMean() {
        assertThat(Interval.of(new double[] {2}, 1).ends()).isEqualTo("-");
        assertThat(Interval.of(new double[] {2}, 1).mean()).isEqualTo(2);
        assertThat(Interval.of(new double[] {Double.NaN}, 1).mean()).isNaN();
    }
}
