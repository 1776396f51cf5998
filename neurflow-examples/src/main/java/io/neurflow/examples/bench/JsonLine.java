package io.neurflow.examples.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.math.BigDecimal;
import java.math.MathContext;

/** One line of JSON, made field by field. Measured values have five digits: more would be noise. */
public final class JsonLine {
    private static final MathContext DIGITS = new MathContext(5);

    private final ObjectNode fields = new ObjectNode(JsonNodeFactory.instance);

    /**
     * Adds a text.
     *
     * @param name of the field
     * @param value its value
     * @return this
     */
    public JsonLine put(String name, String value) {
        fields.put(name, value);
        return this;
    }

    /**
     * Adds a whole number.
     *
     * @param name of the field
     * @param value its value
     * @return this
     */
    public JsonLine put(String name, long value) {
        fields.put(name, value);
        return this;
    }

    /**
     * Adds a measured value, to five digits.
     *
     * @param name of the field
     * @param value its value; null is written if it is not finite
     * @return this
     */
    public JsonLine measured(String name, double value) {
        if (Double.isFinite(value)) {
            fields.put(name, rounded(value));
        } else {
            fields.putNull(name);
        }
        return this;
    }

    /**
     * Adds measured values, to five digits.
     *
     * @param name of the field
     * @param values finite
     * @return this
     */
    public JsonLine measured(String name, ImmutableDoubleArray values) {
        var array = fields.putArray(name);
        values.forEach(value -> array.add(rounded(value)));
        return this;
    }

    /**
     * Adds whole numbers.
     *
     * @param name of the field
     * @param values its values
     * @return this
     */
    public JsonLine put(String name, ImmutableIntArray values) {
        var array = fields.putArray(name);
        values.forEach(array::add);
        return this;
    }

    /** Adds the most resident memory so far, {@code peak_resident_mib}, where the system tells. */
    JsonLine peakMemory() {
        PeakMemory.bytes().ifPresent(bytes -> fields.put("peak_resident_mib", bytes >> 20));
        return this;
    }

    private static double rounded(double value) {
        return BigDecimal.valueOf(value).round(DIGITS).doubleValue();
    }

    /**
     * The same object over several lines, for a file.
     *
     * @return JSON that ends in a line break
     */
    public String indented() {
        return fields.toPrettyString() + "\n";
    }

    /** The line, without a line break at its end. */
    @Override
    public String toString() {
        return fields.toString();
    }
}
