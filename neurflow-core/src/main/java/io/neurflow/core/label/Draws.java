package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Drawing without putting back. */
final class Draws {
    private Draws() {}

    static <T> ImmutableList<T> some(List<T> of, int most, Random random) {
        List<T> shuffled = new ArrayList<>(of);
        Collections.shuffle(shuffled, random);
        return ImmutableList.copyOf(shuffled.subList(0, Math.min(most, shuffled.size())));
    }
}
