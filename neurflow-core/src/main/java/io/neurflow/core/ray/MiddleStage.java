package io.neurflow.core.ray;

import io.neurflow.core.graph.Op;

/** A convolution between two gates, laid out for single columns, and what it makes of u(0): the same for all patches. */
final class MiddleStage {
    final int inChannels;
    final int inPositions;
    final int outChannels;
    final int outPositions;
    final Taps taps;
    final double slope;
    /** [input channel * taps + tap][output channel]. */
    final float[][] columns;
    /** The outputs for gated u(0), [position][channel]. */
    final float[][] atZero;

    MiddleStage(Op.Conv conv, double slope, int rows, int columns, float[] atZero) {
        this.inChannels = conv.inChannels();
        this.inPositions = rows * columns;
        this.outChannels = conv.outChannels();
        this.taps = Taps.of(conv.window(), rows, columns);
        this.outPositions = taps.outputs;
        this.slope = slope;
        float[] weights = conv.weights().toFloats();
        this.columns = new float[inChannels * taps.size][outChannels];
        for (int j = 0; j < outChannels; j++) {
            for (int c = 0; c < this.columns.length; c++) {
                this.columns[c][j] = weights[j * this.columns.length + c];
            }
        }
        this.atZero = byPosition(atZero, 0);
    }

    /** [channel][position] of one item as rows of channels. */
    final float[][] byPosition(float[] values, int offset) {
        float[][] rows = new float[outPositions][outChannels];
        for (int j = 0; j < outChannels; j++) {
            for (int p = 0; p < outPositions; p++) {
                rows[p][j] = values[offset + j * outPositions + p];
            }
        }
        return rows;
    }

    /** The other way round. */
    final void byChannel(float[][] rows, float[] into, int offset) {
        for (int j = 0; j < outChannels; j++) {
            for (int p = 0; p < outPositions; p++) {
                into[offset + j * outPositions + p] = rows[p][j];
            }
        }
    }
}
