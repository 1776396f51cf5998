package io.neurflow.core.hostile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Harm done to bytes without knowing what they mean: flips, cuts, repeats, splices, numbers and words put over others. */
final class Mutator {
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        1 << 20,
        Integer.MAX_VALUE,
        1L << 31,
        -2147483648L,
        0xffffffffL,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final Random random;

    Mutator(Random random) {
        this.random = random;
    }

    /** A number that tends to break things. */
    long number() {
        return random.nextInt(4) == 0 ? random.nextInt(300) : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    /** One to six harms in a row. */
    byte[] apply(byte[] seed, List<byte[]> others, List<String> words) {
        byte[] bytes = seed;
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            bytes = once(bytes, others, words);
        }
        return bytes;
    }

    private byte[] once(byte[] in, List<byte[]> others, List<String> words) {
        if (in.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(in.length);
        int length = 1 + random.nextInt(1 + Math.min(in.length - at - 1, random.nextBoolean() ? 8 : in.length));
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                byte[] out = in.clone();
                out[at] ^= (byte) (1 << random.nextInt(8));
                return out;
            }
            case 2 -> {
                byte[] out = in.clone();
                Arrays.fill(out, at, at + length, (byte) number());
                return out;
            }
            case 3 -> {
                return Arrays.copyOf(in, at);
            }
            case 4 -> {
                return replaced(in, at, at + length, new byte[0]);
            }
            case 5 -> {
                return replaced(in, at, at, Arrays.copyOfRange(in, at, at + length));
            }
            case 6 -> {
                byte[] other = others.get(random.nextInt(others.size()));
                int from = random.nextInt(other.length);
                int to = from + random.nextInt(other.length - from);
                return replaced(in, at, random.nextBoolean() ? at : at + length, Arrays.copyOfRange(other, from, to));
            }
            case 7 -> {
                byte[] out = in.clone();
                long value = number();
                int width = 1 << random.nextInt(4);
                boolean little = random.nextBoolean();
                for (int i = 0; i < width && at + i < out.length; i++) {
                    out[at + i] = (byte) (value >>> (8 * (little ? i : width - 1 - i)));
                }
                return out;
            }
            default -> {
                byte[] word = words.isEmpty()
                        ? new byte[] {(byte) number()}
                        : words.get(random.nextInt(words.size())).getBytes(StandardCharsets.UTF_8);
                return random.nextBoolean() ? replaced(in, at, at, word) : replaced(in, at, literalEnd(in, at), word);
            }
        }
    }

    /** Where the number or word of a text ends that stands at a place. */
    private static int literalEnd(byte[] in, int at) {
        int end = at;
        while (end < in.length && (Character.isLetterOrDigit(in[end]) || in[end] == '.' || in[end] == '-')) {
            end++;
        }
        return end;
    }

    static byte[] replaced(byte[] in, int from, int to, byte[] by) {
        byte[] out = new byte[in.length - (to - from) + by.length];
        System.arraycopy(in, 0, out, 0, from);
        System.arraycopy(by, 0, out, from, by.length);
        System.arraycopy(in, to, out, from + by.length, in.length - to);
        return out;
    }
}
