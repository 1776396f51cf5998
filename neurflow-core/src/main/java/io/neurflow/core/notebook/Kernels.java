package io.neurflow.core.notebook;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;

/** The display functions of Java kernels, found by name: what a kernel is not running has none. */
final class Kernels {
    private static final String HTML = "text/html";

    /** A display function: its class, and whether the type comes before the content. */
    private record Entry(String className, boolean typeFirst) {}

    private static final List<Entry> KNOWN = List.of(
            new Entry("org.dflib.jjava.runtime.Display", false),
            new Entry("io.github.spencerpark.ijava.runtime.Display", false),
            new Entry("org.rapaio.jupyter.kernel.global.Global", true));

    private Kernels() {}

    /** Whether a kernel took it. */
    static boolean display(String html) {
        return KNOWN.stream().anyMatch(entry -> display(entry, html));
    }

    private static boolean display(Entry entry, String html) {
        Optional<Class<?>> found = find(entry.className());
        if (found.isEmpty()) {
            return false;
        }
        try {
            if (entry.typeFirst()) {
                Method display = found.get().getMethod("display", String.class, Object.class);
                display.invoke(null, HTML, html);
            } else {
                Method display = found.get().getMethod("display", Object.class, String[].class);
                display.invoke(null, html, new String[] {HTML});
            }
            return true;
        } catch (ReflectiveOperationException e) {
            return false; // its classes are there, but no kernel runs, or it is of another version: text will do
        }
    }

    private static Optional<Class<?>> find(String name) {
        ClassLoader own = Kernels.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        for (ClassLoader loader : new ClassLoader[] {context, own, ClassLoader.getSystemClassLoader()}) {
            try {
                return Optional.of(Class.forName(name, true, loader));
            } catch (ClassNotFoundException | LinkageError e) {
                // the next one may know it
            }
        }
        return Optional.empty();
    }
}
