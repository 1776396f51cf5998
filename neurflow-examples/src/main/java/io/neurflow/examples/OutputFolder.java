package io.neurflow.examples;

import io.neurflow.api.NeurflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Finds out before the work whether a folder can be written to afterwards, and makes nothing that stays. */
final class OutputFolder {
    private OutputFolder() {}

    /**
     * Tries it: a file is made in the folder, or in the nearest one above it that is there, and deleted. Permissions alone
     * do not tell, for instance of read-only file systems.
     */
    static void check(Path folder) {
        Path nearest = folder.toAbsolutePath().normalize();
        while (!Files.exists(nearest, LinkOption.NOFOLLOW_LINKS) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        if (!Files.isDirectory(nearest)) {
            throw new NeurflowException("expected a folder to write to, but '" + nearest
                    + "' is no folder; name another folder with --out");
        }
        try {
            Files.delete(Files.createTempFile(nearest, ".neurflow", ".tmp"));
        } catch (IOException e) {
            throw new NeurflowException(
                    "expected a folder to write to, but nothing can be written into '" + nearest
                            + "'; name another folder with --out",
                    e);
        }
    }
}
