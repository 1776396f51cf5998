package io.neurflow.core.label.vision;

import io.neurflow.core.label.ConceptLabel;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is asked: role, main part and answer form, as Appendix G has it, in our own words. */
final class Prompts {
    static final String ROLE = "You write captions for sets of pictures.";

    static final String MAIN =
            """
            # Your task
            You are shown sets of small pictures, tiled into one image. A detector picked the pictures of a set because it \
            responds to something that they share. Say what that is.

            # How to look
            - What is shared may be as simple as a colour, an edge or a texture, or as complex as a part of an object, a whole \
            object or an object in its surroundings. Consider all of these.
            - Speak about the set, not about single pictures.
            - A few pictures may not fit. Leave them out if they have nothing to do with the rest.
            - The pictures are cut-outs, enlarged to one size; blur and the white gaps between them mean nothing.

            # How to write
            - Name what can be seen. Leave out moods, judgements, stories and guesses at what is outside of the picture.
            - Be brief: one or two sentences with the few features that most pictures have.
            """;

    static final String CAPTION_FORM =
            """
            # Answer form
            Answer with these two lines and nothing else; part features by semicolons:
            Common features: <feature>; <feature>; ...
            Caption: <one or two sentences>
            """;

    static final String ODD_ROLE = "You compare pictures with a description.";

    private Prompts() {}

    static String formation(int groups) {
        String lower = IntStream.rangeClosed(2, groups)
                .mapToObj(i -> "Group " + i + " features: <feature>; <feature>; ...\n")
                .collect(Collectors.joining());
        String evolution = IntStream.rangeClosed(2, groups)
                .mapToObj(i -> "Group " + i + ": <feature of group " + i + "> -> <feature of group 1>; ...\n")
                .collect(Collectors.joining());
        return """
                # What you are shown
                - %1$d groups of pictures, one image for each, titled Group 1 to Group %1$d. The answer must speak of all %1$d.
                - The pictures of a group share features.
                - Group 1 is a higher concept. A network builds it from the lower concepts of the other groups.

                # Steps, one after the other
                1. List what the pictures of each of the groups 2 to %1$d share.
                2. Look for each of these features in group 1.
                3. A feature that is not there as it is may be there combined with others: edges of two directions as a corner, \
                short curves as a circle, two colours as a pattern of both.
                4. If nothing of a group is found in group 1, say so; do not invent a match.
                5. From what matched, list the features of group 1, and write a caption for group 1.

                # Answer form
                Answer with these lines and nothing else; part entries by semicolons; write "no match" after the colon of a group \
                under "Evolution" that gives nothing:
                Group 1 features: <feature>; <feature>; ...
                %2$sEvolution:
                %3$sCaption: <one or two sentences on group 1>
                """
                .formatted(groups, lower, evolution);
    }

    static String oddOneOut(ConceptLabel label, int choices) {
        return """
                # Your task
                One image shows %1$d small pictures with a number above each. All but one of them belong to a set with this \
                description:
                %2$s

                Compare each picture with the description, and find the one that fits it least.

                # Answer form
                Answer with this line and nothing else:
                Odd one: <number from 1 to %1$d>
                """
                .formatted(
                        choices,
                        label.features().isEmpty()
                                ? label.caption()
                                : label.caption() + "\nFeatures: " + String.join("; ", label.features()));
    }
}
