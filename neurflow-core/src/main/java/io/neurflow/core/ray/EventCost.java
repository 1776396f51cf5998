package io.neurflow.core.ray;

/**
 * Which way takes less time for a channel that both events and a gradient at each point can do.
 *
 * <p>Without a convolution between two gates events always do: they touch each value a few times, whatever N is. With one of M
 * multiply-adds, a gradient at each of N points convolves forward and back, 2 N M; events convolve once each way, 2 M, and
 * add two columns and multiply one for each first gate that changes, 3 &middot; {@link #CHANGING} M in loops of the engine,
 * whose multiply-adds take {@link #dense} times as long as a convolution's:
 *
 * <p>2 N &gt; 2 + 3 &middot; CHANGING &middot; dense, that is from 8 points on for {@code dense} = 9.
 *
 * <p>Patches that targets share make events cheaper still. That is left out of account, so that the way of a target, and with it
 * the last digits of its scores, does not hang on which other targets it is asked for with.
 */
final class EventCost {
    /** Share of first gates that change along a ray: 0.36 to 0.53 on blocks of ResNet50. */
    private static final double CHANGING = 0.45;

    private final double dense;

    /**
     * For an engine.
     *
     * @param dense multiply-adds of a dense convolution in the time that one of the ray engine's own loops takes
     */
    EventCost(double dense) {
        this.dense = dense;
    }

    boolean pays(Route route, int steps) {
        boolean between = route.gated().flatMap(Route.Gated::middle).isPresent();
        return !between || 2.0 * steps > 2 + 3 * CHANGING * dense;
    }
}
