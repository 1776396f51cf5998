package io.neurflow.core.label;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.Patch;
import io.neurflow.api.SourceImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Labels from the names of the images that the patches are cut from: words in the names of half the patches' images or
 * more, and of fewer elsewhere by at least 15 % of all. It says where patches come from, not what they show, so it is as
 * good as the names are; of folders of one class all names say the class. As a judge it takes the patch whose image's name
 * has the fewest of the label's words.
 */
public final class NameLabeler implements ConceptLabeler, OddOneOutJudge {
    /** What cameras, data sets and file systems put into names. */
    private static final ImmutableSet<String> NOISE = ImmutableSet.of(
            "jpg",
            "jpeg",
            "png",
            "img",
            "image",
            "images",
            "photo",
            "photos",
            "picture",
            "pictures",
            "dsc",
            "dscn",
            "pxl",
            "ilsvrc",
            "val",
            "train",
            "test",
            "crop",
            "copy",
            "the",
            "of",
            "and",
            "in",
            "at",
            "on");

    private final Function<SourceImage, String> naming;

    /** Takes the names that the circuit knows, which are those of the files. */
    public NameLabeler() {
        this(SourceImage::name);
    }

    /**
     * Takes other names, for instance with those of folders: {@link FolderNames} finds them.
     *
     * @param naming the name of an image; words in it are parted by anything but letters
     */
    public NameLabeler(Function<SourceImage, String> naming) {
        this.naming = naming;
    }

    @Override
    public String name() {
        return "names of images";
    }

    @Override
    public ConceptLabel label(ConceptView view) {
        Map<String, Double> here = shares(view, view.patches());
        Map<String, Double> there = shares(view, view.elsewhere());
        List<String> common = Shares.common(here, there);
        List<String> distinct = Shares.distinct(common, here, there);
        String caption;
        if (!distinct.isEmpty()) {
            caption = "from images named " + Shares.describe(distinct, here, there);
        } else {
            caption = common.isEmpty()
                    ? "images whose names have no word in common"
                    : "names of images do not tell it apart; all are named " + String.join(", ", common);
        }
        return new ConceptLabel(
                view.group(),
                caption,
                ImmutableList.copyOf(distinct.isEmpty() ? common : distinct),
                LabelOrigin.computed(name()));
    }

    @Override
    public Choice oddOneOut(ConceptLabel label, ConceptView choices, RandomGenerator ties) {
        return Shares.fewest(
                choices.patches(), patch -> words(choices.image(patch)), ImmutableSet.copyOf(label.features()), ties);
    }

    private Map<String, Double> shares(ConceptView view, List<Patch> patches) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (Patch patch : patches) {
            words(view.image(patch)).forEach(word -> shares.merge(word, 1.0 / patches.size(), Double::sum));
        }
        return shares;
    }

    private Set<String> words(SourceImage image) {
        return List.of(naming.apply(image).split("\\P{L}+", -1)).stream()
                .map(word -> word.toLowerCase(Locale.ROOT))
                .filter(word -> word.length() > 1 && !NOISE.contains(word))
                .collect(Collectors.toCollection(java.util.LinkedHashSet::new));
    }
}
