package org.rapaio.jupyter.kernel.global;

import java.util.ArrayList;
import java.util.List;

/** Stands in for a kernel: the one function that is called, under the name that it has there. */
public final class Global {
    /** What was displayed; null while no kernel runs. */
    public static List<String> shown;

    private Global() {}

    public static String display(String type, Object content) {
        if (shown == null) {
            throw new IllegalStateException("no kernel runs");
        }
        shown.add(type + " " + content);
        return "";
    }

    public static void start() {
        shown = new ArrayList<>();
    }

    public static void stop() {
        shown = null;
    }
}
