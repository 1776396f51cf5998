package io.neurflow.examples.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What was done, so that JMH prints it for each second, beside the operations. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Work {
    /** 10<sup>9</sup> floating point operations of convolutions and dense operators; of importance scores, those that the plain
     * way would spend. */
    public double gflop;

    /** Targets, or images. */
    public double items;
}
