package io.neurflow.core.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;

/**
 * What a stored result was computed from: named fields in a fixed order. Two results have the same {@link #digest()} if
 * and only if all names and values are the same, but for collisions of SHA-256: every string goes in with its length before
 * it, so that no two lists of fields run into the same bytes.
 *
 * @param fields names and values, in the order given
 */
public record StoreKey(ImmutableMap<String, String> fields) {
    /**
     * A key with one field.
     *
     * @param kind what sort of result it is
     * @return the key
     */
    public static StoreKey of(String kind) {
        return new StoreKey(ImmutableMap.of("kind", kind));
    }

    /**
     * The same with one field more.
     *
     * @param name a new name
     * @param value any text
     * @return a longer key
     * @throws IllegalArgumentException if the name is there already
     */
    public StoreKey with(String name, Object value) {
        return new StoreKey(ImmutableMap.<String, String>builder()
                .putAll(fields)
                .put(name, value.toString())
                .buildOrThrow());
    }

    /**
     * SHA-256 of the fields: their number, then each name and value in UTF-8 with its length before it.
     *
     * @return 64 hexadecimal digits
     */
    public String digest() {
        return hash().toString();
    }

    HashCode hash() {
        Hasher hasher = Hashing.sha256().newHasher().putInt(fields.size());
        fields.forEach((name, value) -> {
            put(hasher, name);
            put(hasher, value);
        });
        return hasher.hash();
    }

    private static void put(Hasher hasher, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        hasher.putInt(bytes.length).putBytes(bytes);
    }
}
