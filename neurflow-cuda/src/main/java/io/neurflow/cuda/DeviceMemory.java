package io.neurflow.cuda;

import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory that is taken again and again: what is given back is kept for the next who asks for about as much, since asking the
 * driver makes the whole device wait. When the driver has no more, what is kept goes back to it first.
 */
final class DeviceMemory implements AutoCloseable {
    private static final double WASTE = 1.25;

    private final Driver driver;
    private final TreeMap<Long, Deque<Memory>> spare = new TreeMap<>();
    private final Set<Memory> taken = new HashSet<>();

    DeviceMemory(Driver driver) {
        this.driver = driver;
    }

    Memory take(long cells) {
        long rounded = (Math.max(1, cells) + 63) / 64 * 64;
        Map.Entry<Long, Deque<Memory>> fit = spare.ceilingEntry(rounded);
        Memory memory;
        if (fit != null && fit.getKey() <= WASTE * rounded) {
            memory = fit.getValue().pop();
            if (fit.getValue().isEmpty()) {
                spare.remove(fit.getKey());
            }
        } else {
            memory = allocate(rounded);
        }
        taken.add(memory);
        return memory;
    }

    private Memory allocate(long cells) {
        try {
            return driver.allocate(cells);
        } catch (OutOfDeviceMemoryException e) {
            if (spare.isEmpty()) {
                throw e;
            }
            trim();
            return driver.allocate(cells);
        }
    }

    void give(Memory memory) {
        checkState(taken.remove(memory), "memory is given back that was not taken");
        spare.computeIfAbsent(memory.cells(), size -> new ArrayDeque<>()).push(memory);
    }

    /** Gives to the driver what nobody uses. */
    void trim() {
        List<Memory> all = new ArrayList<>();
        spare.values().forEach(all::addAll);
        spare.clear();
        all.forEach(driver::free);
    }

    /** Bytes that can still be taken. */
    long freeBytes() {
        return driver.freeBytes()
                + 4
                        * spare.values().stream()
                                .flatMap(Deque::stream)
                                .mapToLong(Memory::cells)
                                .sum();
    }

    /** What is taken from here goes back when it is closed, whatever happened in between. */
    Scope scope() {
        return new Scope();
    }

    @Override
    public void close() {
        trim();
        taken.forEach(driver::free);
        taken.clear();
    }

    /** Memory for one errand. */
    final class Scope implements AutoCloseable {
        private final Set<Memory> mine = new HashSet<>();

        Memory take(long cells) {
            Memory memory = DeviceMemory.this.take(cells);
            mine.add(memory);
            return memory;
        }

        Memory ints(int... values) {
            Memory memory = take(values.length);
            driver.upload(values, memory);
            return memory;
        }

        Memory floats(float... values) {
            Memory memory = take(values.length);
            driver.upload(values, 0, values.length, memory);
            return memory;
        }

        void give(Memory memory) {
            checkState(mine.remove(memory), "memory is given back that was not taken here");
            DeviceMemory.this.give(memory);
        }

        @Override
        public void close() {
            mine.forEach(DeviceMemory.this::give);
            mine.clear();
        }
    }
}
