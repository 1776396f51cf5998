package io.neurflow.core.doctor;

/**
 * One thing that the doctor found.
 *
 * @param severity how much it matters
 * @param check what was looked at: weights, output, shapes, channels, gradients, reference, preprocessing, import
 * @param where a layer, or a node and its tensor; empty if it is about the whole model
 * @param seen what was seen, with figures
 * @param meaning what that means for an explanation
 * @param advice what to do
 */
public record Finding(Severity severity, String check, String where, String seen, String meaning, String advice) {
    static Finding note(String check, String where, String seen, String meaning, String advice) {
        return new Finding(Severity.NOTE, check, where, seen, meaning, advice);
    }

    static Finding warning(String check, String where, String seen, String meaning, String advice) {
        return new Finding(Severity.WARNING, check, where, seen, meaning, advice);
    }

    static Finding error(String check, String where, String seen, String meaning, String advice) {
        return new Finding(Severity.ERROR, check, where, seen, meaning, advice);
    }

    /** {@return all of it in one line} */
    public String line() {
        return check + (where.isEmpty() ? "" : ", " + where) + ": " + seen + "; " + meaning + "; " + advice;
    }

    @Override
    public String toString() {
        return severity + " " + line();
    }
}
