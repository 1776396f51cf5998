package io.neurflow.cuda;

import com.google.common.collect.ImmutableList;
import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the NVIDIA driver's own tool, {@code nvidia-smi}, which cards this machine has. */
public final class Gpus {
    private static final ImmutableList<String> QUESTION = ImmutableList.of(
            "nvidia-smi",
            "--query-gpu=index,name,compute_cap,memory.total,driver_version",
            "--format=csv,noheader,nounits");
    private static final Pattern LINE =
            Pattern.compile("\\s*(\\d+)\\s*,\\s*(.+?)\\s*,\\s*(\\d+)\\.(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*(\\S+)\\s*");
    private static final int SECONDS = 20;

    private Gpus() {}

    /**
     * The cards of this machine.
     *
     * @return by index; empty if there is no driver
     * @throws NeurflowException if the driver's tool fails, hangs or says something that cannot be understood
     */
    public static ImmutableList<Gpu> list() {
        return list(QUESTION);
    }

    static ImmutableList<Gpu> list(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return ImmutableList.of(); // no such program: no driver
        }
        try {
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new NeurflowException("expected an answer from " + command.get(0) + " within " + SECONDS
                        + " s, but there is none; check the NVIDIA driver");
            }
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new NeurflowException("expected " + command.get(0) + " to succeed, but it says '"
                        + answer.strip().replaceAll("\\s+", " ") + "'; check the NVIDIA driver");
            }
            return parse(answer);
        } catch (IOException e) {
            throw new NeurflowException("the answer of " + command.get(0) + " cannot be read: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeurflowException("interrupted while asking " + command.get(0), e);
        } finally {
            process.destroyForcibly();
        }
    }

    static ImmutableList<Gpu> parse(String answer) {
        ImmutableList.Builder<Gpu> gpus = ImmutableList.builder();
        for (String line : answer.lines().filter(l -> !l.isBlank()).toList()) {
            Matcher m = LINE.matcher(line);
            if (!m.matches()) {
                throw new NeurflowException(
                        "expected 'index, name, compute capability, memory, driver' of a GPU, but got '" + line
                                + "'; check the NVIDIA driver");
            }
            gpus.add(new Gpu(
                    Integer.parseInt(m.group(1)),
                    m.group(2),
                    Integer.parseInt(m.group(3)),
                    Integer.parseInt(m.group(4)),
                    Long.parseLong(m.group(5)),
                    m.group(6)));
        }
        return gpus.build();
    }

    /**
     * Prints a line for each card.
     *
     * @param args none
     */
    public static void main(String[] args) {
        ImmutableList<Gpu> gpus = list();
        if (gpus.isEmpty()) {
            System.out.println("no NVIDIA GPU: there is no driver");
        }
        gpus.forEach(System.out::println);
    }
}
