package io.neurflow.core.image;

import io.neurflow.api.NeurflowException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The crops that were asked for last, up to a number of them; others are decoded again when asked for. */
final class CropCache {
    private final int most;
    private final Map<Item, byte[]> crops = new LinkedHashMap<>(16, 0.75f, true);

    CropCache(int most) {
        this.most = most;
    }

    synchronized void put(Item item, byte[] crop) {
        crops.put(item, crop);
        if (crops.size() > most) {
            Iterator<Item> oldest = crops.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The crop of an item that was loaded before, when what it is made from had the given digest. */
    synchronized byte[] get(Item item, String digest) {
        byte[] crop = crops.get(item);
        if (crop == null) {
            crop = loadAgain(item, digest);
            put(item, crop);
        }
        return crop;
    }

    private static byte[] loadAgain(Item item, String digest) {
        String stay = "; pictures must stay as they are while they are being explained: start again";
        Item.Loaded loaded;
        try {
            loaded = item.load();
        } catch (UnusableImageException e) {
            throw new NeurflowException(
                    item.name + " was readable when the run began, but now: " + e.getMessage() + stay, e);
        }
        if (!loaded.digest.equals(digest)) {
            throw new NeurflowException(item.name + " has changed since the run began: its SHA-256 was " + digest
                    + " and is " + loaded.digest + stay);
        }
        return loaded.crop;
    }
}
