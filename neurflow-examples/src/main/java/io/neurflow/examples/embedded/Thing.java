package io.neurflow.examples.embedded;

import java.util.Locale;

/** The classes of the drawn world, in the order of the model's outputs. */
public enum Thing {
    /** An oval body with spots, a dark head and six legs, seen from above: the class with the planted cue. */
    BEETLE(0),
    /** An oval shell with plates, four feet and a head, seen from above: the class most like the beetle. */
    TURTLE(1),
    /** A striped fish from the side. */
    FISH(2),
    /** A mushroom with a dotted cap. */
    MUSHROOM(3),
    /** A house with a pitched roof. */
    HOUSE(4),
    /** A boat with two sails. */
    BOAT(5);

    private final int index;

    Thing(int index) {
        this.index = index;
    }

    /**
     * The name of the class for people and folders.
     *
     * @return in small letters, such as {@code beetle}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The position of the class among the model's outputs.
     *
     * @return 0 for {@link #BEETLE}
     */
    public int index() {
        return index;
    }
}
