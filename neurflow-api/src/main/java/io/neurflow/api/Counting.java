package io.neurflow.api;

/**
 * How often the weight of an edge from a child s enters W(G<sub>i</sub>, G<sub>j</sub>) when s has several semantic groups.
 */
public enum Counting {
    /** Once for each semantic group that s has in G<sub>i</sub>: the paper's index, and the authors' code. */
    MULTISET,
    /**
     * The share of s's semantic groups that are in G<sub>i</sub>: the weight of an edge is split, so that the weights into a
     * group keep their sum.
     */
    FRACTIONAL,
    /** Once if s has any semantic group in G<sub>i</sub>. */
    SET
}
