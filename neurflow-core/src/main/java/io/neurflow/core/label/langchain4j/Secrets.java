package io.neurflow.core.label.langchain4j;

import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.regex.Pattern;

/** Takes keys out of texts: those that are known, and what looks like one. */
final class Secrets {
    private static final String INSTEAD = "[key]";
    private static final int SHORTEST = 6;
    private static final Pattern LOOKS_LIKE_ONE =
            Pattern.compile("\\b(sk|pk|rk|gsk|xai|hf|key|api)[-_][A-Za-z0-9*_\\-]{6,}|(?i)\\bbearer\\s+[^\\s\"',}]+");

    private final ImmutableSet<String> known;

    /** Keys of fewer than 6 characters, such as the "none" that some local servers want, are no secrets. */
    Secrets(Iterable<String> known) {
        ImmutableSet.Builder<String> long6 = ImmutableSet.builder();
        known.forEach(key -> {
            if (key.length() >= SHORTEST) {
                long6.add(key);
            }
        });
        // Longest first, so that a key that is part of another leaves nothing of it.
        this.known = ImmutableSet.copyOf(long6.build().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList());
    }

    Secrets and(String key) {
        return new Secrets(ImmutableSet.<String>builder().addAll(known).add(key).build());
    }

    String hide(String text) {
        String hidden = text;
        for (String key : known) {
            hidden = hidden.replace(key, INSTEAD);
        }
        return hidden;
    }

    /** The same and whatever else looks like a key; for messages of strangers. */
    String hideAll(String text) {
        return LOOKS_LIKE_ONE.matcher(hide(text)).replaceAll(INSTEAD);
    }

    @Override
    public String toString() {
        return known.size() + " secrets";
    }
}
