package io.neurflow.cuda;

import java.io.Serial;

/** The device has no room for an array; with smaller batches it may. */
final class OutOfDeviceMemoryException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    OutOfDeviceMemoryException(String message) {
        super(message);
    }
}
