package io.neurflow.core.label.vision;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.neurflow.core.label.Formation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads answers that keep to the form of {@link Prompts}. Bullets, bold type, blank lines and a code fence around the
 * answer are forgiven; a line that is missing, twice there or not asked for is not.
 */
final class Answers {
    private static final int LONGEST_CAPTION = 600;
    private static final int LONGEST_FEATURE = 160;
    private static final int MOST_FEATURES = 24;
    private static final int LONGEST_ANSWER = 20_000;

    private static final Pattern LINE = Pattern.compile("([\\p{L}0-9 ]{1,40}?)\\s*:\\s*(.*)");
    private static final Pattern DECORATION = Pattern.compile("^[\\s*#>\\-\\u2022]+|\\*\\*|__|`");
    private static final Pattern SORRY = Pattern.compile(
            "^(i'?m sorry|i am sorry|sorry|i can'?t|i cannot|i'?m unable|i am unable|i'?m not able|unfortunately)\\b.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private Answers() {}

    /** A caption and what it is made of. */
    record Caption(String caption, ImmutableList<String> features) {}

    /** What a formation says, with groups counted from 2 in the order of the steps. */
    record Evolution(
            String caption,
            ImmutableList<String> features,
            ImmutableList<ImmutableList<String>> lower,
            ImmutableList<ImmutableList<Formation.Match>> matches) {}

    /** Whether an answer that is not in the form is an apology for not answering. */
    static boolean declines(String answer) {
        return SORRY.matcher(answer.strip().replace('\u2019', '\'')).matches();
    }

    static Caption caption(String answer) throws MalformedAnswerException {
        Map<String, String> lines = lines(answer, false);
        String features = take(lines, "common features");
        String caption = captionOf(take(lines, "caption"));
        nothingElse(lines);
        return new Caption(caption, features(features, "Common features"));
    }

    static Evolution evolution(String answer, int groups) throws MalformedAnswerException {
        Map<String, String> lines = lines(answer, true);
        ImmutableList<String> own = features(take(lines, "group 1 features"), "Group 1 features");
        ImmutableList.Builder<ImmutableList<String>> lower = ImmutableList.builder();
        ImmutableList.Builder<ImmutableList<Formation.Match>> matches = ImmutableList.builder();
        for (int i = 2; i <= groups; i++) {
            lower.add(features(take(lines, "group " + i + " features"), "Group " + i + " features"));
        }
        if (!take(lines, "evolution").isEmpty()) {
            throw new MalformedAnswerException("there is something else on the line 'Evolution:'");
        }
        for (int i = 2; i <= groups; i++) {
            matches.add(matches(take(lines, "group " + i), i));
        }
        String caption = captionOf(take(lines, "caption"));
        nothingElse(lines);
        return new Evolution(caption, own, lower.build(), matches.build());
    }

    static int oddOneOut(String answer, int choices) throws MalformedAnswerException {
        Map<String, String> lines = lines(answer, false);
        String number = take(lines, "odd one").replaceFirst("\\.$", "");
        nothingElse(lines);
        if (!number.matches("[0-9]{1,3}") || Integer.parseInt(number) < 1 || Integer.parseInt(number) > choices) {
            throw new MalformedAnswerException("'Odd one' is not a number from 1 to " + choices);
        }
        return Integer.parseInt(number) - 1;
    }

    private static Map<String, String> lines(String answer, boolean emptyAllowed) throws MalformedAnswerException {
        if (answer.length() > LONGEST_ANSWER) {
            throw new MalformedAnswerException("it is longer than " + LONGEST_ANSWER + " characters");
        }
        Map<String, String> lines = new LinkedHashMap<>();
        for (String raw : answer.lines().toList()) {
            String line = DECORATION.matcher(raw).replaceAll("").strip();
            if (line.isEmpty() || (raw.strip().startsWith("```") && line.matches("\\w*"))) {
                continue;
            }
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new MalformedAnswerException("there is a line without a name and a colon: " + shown(line));
            }
            String name = parts.group(1).strip().toLowerCase(Locale.ROOT);
            String value = printable(parts.group(2));
            if (value.isEmpty() && !(emptyAllowed && name.equals("evolution"))) {
                throw new MalformedAnswerException("there is nothing after '" + parts.group(1) + ":'");
            }
            if (lines.putIfAbsent(name, value) != null) {
                throw new MalformedAnswerException("the line '" + parts.group(1) + "' is there twice");
            }
        }
        return lines;
    }

    private static String take(Map<String, String> lines, String name) throws MalformedAnswerException {
        String value = lines.remove(name);
        if (value == null) {
            throw new MalformedAnswerException("the line '" + name + ":' is missing");
        }
        return value;
    }

    private static void nothingElse(Map<String, String> lines) throws MalformedAnswerException {
        for (String name : lines.keySet()) {
            throw new MalformedAnswerException("there is a line that was not asked for: '" + shown(name) + "'");
        }
    }

    private static String captionOf(String caption) throws MalformedAnswerException {
        if (caption.length() > LONGEST_CAPTION || caption.startsWith("<")) {
            throw new MalformedAnswerException("the caption is not one or two sentences");
        }
        return caption;
    }

    private static ImmutableList<String> features(String text, String name) throws MalformedAnswerException {
        List<String> features = new ArrayList<>();
        for (String feature : Splitter.on(';').trimResults().omitEmptyStrings().split(text)) {
            features.add(feature.replaceFirst("\\.$", ""));
        }
        if (features.isEmpty()
                || features.size() > MOST_FEATURES
                || features.stream()
                        .anyMatch(feature -> feature.length() > LONGEST_FEATURE || feature.startsWith("<"))) {
            throw new MalformedAnswerException(
                    "'" + name + "' is not a list of 1 to " + MOST_FEATURES + " short features, parted by semicolons");
        }
        return ImmutableList.copyOf(features);
    }

    private static ImmutableList<Formation.Match> matches(String text, int group) throws MalformedAnswerException {
        if (text.toLowerCase(Locale.ROOT).replace(".", "").matches("(there (is|are) )?no match(es)?")) {
            return ImmutableList.of();
        }
        ImmutableList.Builder<Formation.Match> matches = ImmutableList.builder();
        for (String entry : features(text, "Group " + group)) {
            List<String> sides = Splitter.onPattern("->|\u2192")
                    .trimResults()
                    .omitEmptyStrings()
                    .splitToList(entry);
            if (sides.size() != 2) {
                throw new MalformedAnswerException("under 'Evolution', an entry of group " + group
                        + " is not '<feature> -> <feature>': " + shown(entry));
            }
            matches.add(new Formation.Match(sides.get(0), sides.get(1)));
        }
        return matches.build();
    }

    /** One line without characters that a terminal would obey, since captions end up there. */
    static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\u0080-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String shown(String text) {
        String line = printable(text);
        return line.length() <= 60 ? line : line.substring(0, 60) + "...";
    }
}
