package io.neurflow.cuda;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** Kernels of one device: compiled by NVRTC when they are first launched, and kept. */
final class CudaKernels implements AutoCloseable {
    private static final int THREADS = 256;
    private static final int MOST_ARGUMENTS = 40;

    private final int capability;
    private final Map<Kernel, CUfunc_st> functions = new HashMap<>();
    private final Map<Kernel, CUmod_st> modules = new HashMap<>();
    /** The arguments of a launch, eight bytes each, and where they stand. */
    private final BytePointer values = new BytePointer(8L * MOST_ARGUMENTS);

    private final PointerPointer<Pointer> places = new PointerPointer<>(MOST_ARGUMENTS);

    /**
     * Compiles nothing yet.
     *
     * @param capability major and minor in one, such as 90
     */
    CudaKernels(int capability) {
        this.capability = capability;
        for (int i = 0; i < MOST_ARGUMENTS; i++) {
            places.put(i, values.getPointer(8L * i));
        }
    }

    void launch(Kernel kernel, int threads, Object... arguments) {
        CUfunc_st function = functions.get(kernel);
        if (function == null) {
            function = load(kernel);
            functions.put(kernel, function);
        }
        values.putInt(0L, threads);
        for (int i = 0; i < arguments.length; i++) {
            long at = 8L * (i + 1);
            if (arguments[i] instanceof Memory memory) {
                values.putLong(at, ((Pointer) memory.handle()).address());
            } else if (arguments[i] instanceof Integer number) {
                values.putInt(at, number);
            } else if (arguments[i] instanceof Float number) {
                values.putFloat(at, number);
            } else {
                throw new IllegalArgumentException("a kernel takes memory, ints and floats, but got " + arguments[i]);
            }
        }
        int blocks = (threads + THREADS - 1) / THREADS;
        Status.driver(
                cudart.cuLaunchKernel(function, blocks, 1, 1, THREADS, 1, 1, 0, null, places, (PointerPointer<?>) null),
                "cuLaunchKernel of " + kernel.name());
    }

    private CUfunc_st load(Kernel kernel) {
        try (BytePointer image = compile(kernel)) {
            CUmod_st module = new CUmod_st();
            Status.driver(cudart.cuModuleLoadData(module, image), "cuModuleLoadData of " + kernel.name());
            modules.put(kernel, module);
            CUfunc_st function = new CUfunc_st();
            Status.driver(
                    cudart.cuModuleGetFunction(function, module, kernel.name()),
                    "cuModuleGetFunction of " + kernel.name());
            return function;
        }
    }

    /** Machine code for the card, or PTX for the driver to translate if this NVRTC is older than the card. */
    private BytePointer compile(Kernel kernel) {
        int known = newestUpTo(capability);
        boolean exact = known == capability;
        try (_nvrtcProgram program = new _nvrtcProgram();
                BytePointer source = new BytePointer(kernel.source());
                BytePointer name = new BytePointer(kernel.name() + ".cu");
                BytePointer option = new BytePointer("--gpu-architecture=" + (exact ? "sm_" : "compute_") + known);
                PointerPointer<BytePointer> options = new PointerPointer<>(1);
                SizeTPointer size = new SizeTPointer(1)) {
            options.put(0, option);
            Status.compiler(
                    nvrtc.nvrtcCreateProgram(
                            program, source, name, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
                    "nvrtcCreateProgram",
                    "");
            try {
                int status = nvrtc.nvrtcCompileProgram(program, 1, options);
                Status.compiler(status, "nvrtcCompileProgram of " + kernel.name(), status == 0 ? "" : log(program));
                Status.compiler(
                        exact ? nvrtc.nvrtcGetCUBINSize(program, size) : nvrtc.nvrtcGetPTXSize(program, size),
                        "asking NVRTC for the size of the code",
                        "");
                BytePointer image = new BytePointer(size.get());
                Status.compiler(
                        exact ? nvrtc.nvrtcGetCUBIN(program, image) : nvrtc.nvrtcGetPTX(program, image),
                        "asking NVRTC for the code",
                        "");
                return image;
            } finally {
                nvrtc.nvrtcDestroyProgram(program);
            }
        }
    }

    private static int newestUpTo(int capability) {
        int[] count = new int[1];
        Status.compiler(nvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "");
        int[] all = new int[count[0]];
        Status.compiler(nvrtc.nvrtcGetSupportedArchs(all), "nvrtcGetSupportedArchs", "");
        int newest = all[0];
        for (int each : all) {
            newest = each <= capability ? Math.max(newest, each) : newest;
        }
        return newest;
    }

    private static String log(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            if (nvrtc.nvrtcGetProgramLogSize(program, size) != nvrtc.NVRTC_SUCCESS || size.get() <= 1) {
                return "none";
            }
            try (BytePointer log = new BytePointer(size.get())) {
                return nvrtc.nvrtcGetProgramLog(program, log) == nvrtc.NVRTC_SUCCESS
                        ? log.getString().replaceAll("\\s+", " ")
                        : "none";
            }
        }
    }

    @Override
    public void close() {
        modules.forEach(
                (kernel, module) -> Status.driver(cudart.cuModuleUnload(module), "cuModuleUnload of " + kernel.name()));
        modules.clear();
        functions.clear();
        places.close();
        values.close();
    }
}
