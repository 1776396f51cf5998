package io.neurflow.testkit;

/**
 * A network whose circuit is known, with pictures to find it from and others to judge it by.
 *
 * @param family the planted fact, such as {@code distractors}
 * @param seed of everything random in it
 * @param net the network
 * @param truth what is to be found
 * @param topPatches k to find it with
 * @param coreNeurons &tau; to find it with: the number of planted children, which every unit of the circuit has
 * @param pictures to find the circuit from
 * @param heldOut drawn alike, to judge it by
 */
public record PlantedModel(
        String family,
        long seed,
        PlantedNet net,
        PlantedTruth truth,
        int topPatches,
        int coreNeurons,
        PlantedPictures pictures,
        PlantedPictures heldOut) {

    /**
     * A probe in plain Java.
     *
     * @return a fresh one, yours to close
     */
    public PlantedProbe probe() {
        return new PlantedProbe(net);
    }

    @Override
    public String toString() {
        return family + " (seed " + seed + "): " + net;
    }
}
