package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Says which engine can run, from the cards of the machine and from what is on the class path, before anything of that engine
 * is loaded: a backend without machine code for the card would stop the whole JVM. Who asks for a GPU gets a GPU or an error,
 * never the CPU.
 */
public final class Engines {
    private static final String ND4J_CPU = "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class";
    private static final String ND4J_CUDA = "org/nd4j/linalg/jcublas/JCublasBackend.class";
    private static final ImmutableList<String> PRESETS = ImmutableList.of(
            "org/bytedeco/cuda/global/cudnn.class",
            "org/bytedeco/cuda/linux-x86_64/libjnicudnn.so",
            "org/bytedeco/javacpp/linux-x86_64/libjnijavacpp.so");

    private final ImmutableList<Gpu> gpus;
    private final Predicate<String> classPath;

    Engines(List<Gpu> gpus, Predicate<String> classPath) {
        this.gpus = ImmutableList.copyOf(gpus);
        this.classPath = classPath;
    }

    /**
     * The engines of this machine and class path.
     *
     * @return what can be asked
     * @throws NeurflowException if the driver's tool fails; see {@link Gpus#list()}
     */
    public static Engines here() {
        ClassLoader loader = Engines.class.getClassLoader();
        return new Engines(Gpus.list(), name -> loader != null && loader.getResource(name) != null);
    }

    /**
     * The engine asked for, on the first card.
     *
     * @param engine what is to compute
     * @return the choice
     * @throws NeurflowException if it cannot run here; the message says why, and what can
     */
    public EngineChoice choose(Engine engine) {
        return choose(engine, 0);
    }

    /**
     * The engine asked for, on some card.
     *
     * @param engine what is to compute
     * @param gpu index of the card; of no account for the CPU
     * @return the choice
     * @throws NeurflowException if it cannot run here; the message says why, and what can
     */
    public EngineChoice choose(Engine engine, int gpu) {
        return switch (engine) {
            case ND4J_CPU -> nd4jCpu();
            case ND4J_CUDA -> nd4jCuda(gpu);
            case CUDA_PROBE -> cudaProbe(gpu);
        };
    }

    private EngineChoice nd4jCpu() {
        require(
                classPath.test(ND4J_CPU),
                "expected ND4J's CPU backend on the class path, but there is none; add nd4j-native");
        require(
                !classPath.test(ND4J_CUDA),
                "expected ND4J's CPU backend alone, but its CUDA backend is on the class path too, and a JVM has one backend;"
                        + " leave nd4j-cuda-11.6 out");
        return new EngineChoice(Engine.ND4J_CPU, Optional.empty());
    }

    private EngineChoice nd4jCuda(int index) {
        Gpu gpu = gpu(index);
        require(
                gpu.runsNd4jCuda(),
                "expected a card of compute capability 3.7 to 8.9 for nd4j-cuda-11.6, but " + gpu + "; "
                        + (gpu.runsCudaProbe() ? "use CudaProbe" : "use ND4J_CPU"));
        require(
                classPath.test(ND4J_CUDA),
                "expected ND4J's CUDA backend on the class path, but there is none; add nd4j-cuda-11.6-platform and exclude"
                        + " nd4j-native");
        require(
                !classPath.test(ND4J_CPU),
                "expected ND4J's CUDA backend alone, but its CPU backend is on the class path too, and a JVM has one backend;"
                        + " exclude nd4j-native from neurflow-core");
        return new EngineChoice(Engine.ND4J_CUDA, Optional.of(gpu));
    }

    private EngineChoice cudaProbe(int index) {
        Gpu gpu = gpu(index);
        require(
                gpu.runsCudaProbe(),
                "expected a card of compute capability 7.5 or newer for CudaProbe, but " + gpu + "; "
                        + (gpu.runsNd4jCuda() ? "use ND4J_CUDA" : "use ND4J_CPU"));
        for (String name : PRESETS) {
            require(
                    classPath.test(name),
                    "expected " + name + " on the class path, but it is not; add org.bytedeco:cuda:13.1-9.19-1.5.13 and"
                            + " org.bytedeco:javacpp:1.5.13, both also with the classifier linux-x86_64");
        }
        return new EngineChoice(Engine.CUDA_PROBE, Optional.of(gpu));
    }

    /** The cards. */
    ImmutableList<Gpu> gpus() {
        return gpus;
    }

    private Gpu gpu(int index) {
        return gpus.stream()
                .filter(gpu -> gpu.index() == index)
                .findFirst()
                .orElseThrow(() -> new NeurflowException("expected GPU " + index + ", but "
                        + (gpus.isEmpty() ? "this machine has no NVIDIA GPU" : "there are only " + gpus)
                        + "; choose another, or ask for ND4J_CPU"));
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new NeurflowException(message);
        }
    }
}
