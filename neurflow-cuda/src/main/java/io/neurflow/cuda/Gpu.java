package io.neurflow.cuda;

/**
 * An NVIDIA GPU of this machine.
 *
 * @param index as the driver counts
 * @param name such as {@code NVIDIA H200}
 * @param major major compute capability
 * @param minor minor compute capability
 * @param memoryMebibytes memory of the card
 * @param driver version of the driver
 */
public record Gpu(int index, String name, int major, int minor, long memoryMebibytes, String driver) {

    /**
     * Whether ND4J's CUDA backend, {@code nd4j-cuda-11.6} 1.0.0-M2.1, has machine code for this card: its library holds
     * code for compute capability 3.7 to 8.6, which 8.9 executes too, and nothing that a newer card could translate.
     *
     * @return true for 3.7 up to 8.9
     */
    public boolean runsNd4jCuda() {
        int capability = 10 * major + minor;
        return capability >= 37 && capability <= 89;
    }

    /**
     * Whether {@link CudaProbe} can run on this card: the libraries of CUDA 13 have code for compute capability 7.5 (Turing)
     * and newer.
     *
     * @return true from 7.5 on
     */
    public boolean runsCudaProbe() {
        return 10 * major + minor >= 75;
    }

    @Override
    public String toString() {
        return "GPU %d: %s, compute capability %d.%d, %d MiB, driver %s: %s"
                .formatted(index, name, major, minor, memoryMebibytes, driver, engines());
    }

    private String engines() {
        if (runsNd4jCuda()) {
            return runsCudaProbe() ? "for nd4j-cuda-11.6 and CudaProbe" : "for nd4j-cuda-11.6";
        }
        return runsCudaProbe()
                ? "for CudaProbe; nd4j-cuda-11.6 has code for 3.7 to 8.9 only"
                : "too old for nd4j-cuda-11.6 (3.7 to 8.9) and CudaProbe (from 7.5 on); use the CPU backend";
    }
}
