package io.neurflow.core;

import io.neurflow.api.Layer;
import io.neurflow.api.ModelProbe;
import io.neurflow.api.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Comparator;

/** Counts the items that go through another probe: from the pixels, and onwards from a layer. */
final class CountingProbe {
    private final ModelProbe counted;
    private final ModelProbe proxy;
    private int batch;
    long fromPixels;
    long onward;
    /** In units of {@link ModelProbe#cost}. */
    double cost;

    CountingProbe(ModelProbe probe) {
        this.counted = probe;
        this.batch = probe.preferredBatch();
        this.proxy = (ModelProbe) Proxy.newProxyInstance(
                ModelProbe.class.getClassLoader(), new Class<?>[] {ModelProbe.class}, (self, method, arguments) -> {
                    if (method.getName().equals("preferredBatch")) {
                        return batch;
                    }
                    if (method.getName().equals("forward") || method.getName().equals("pooled")) {
                        count(arguments);
                    }
                    try {
                        return method.invoke(counted, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }

    CountingProbe batch(int size) {
        batch = size;
        return this;
    }

    ModelProbe probe() {
        return proxy;
    }

    private void count(Object[] arguments) {
        if (arguments[0] instanceof Layer from) {
            int items = ((Tensor) arguments[1]).count();
            // A single item of zeros is what the reach of the targets is told by.
            onward += items;
            cost += items * (counted.cost((Layer) arguments[2]) - counted.cost(from));
        } else {
            int items = ((Tensor) arguments[0]).count();
            fromPixels += items;
            cost += items * counted.cost(highest(arguments[1]));
        }
    }

    private static Layer highest(Object layers) {
        return layers instanceof Layer layer
                ? layer
                : ((Collection<?>) layers)
                        .stream()
                                .map(Layer.class::cast)
                                .max(Comparator.comparingInt(Layer::index))
                                .orElseThrow();
    }
}
