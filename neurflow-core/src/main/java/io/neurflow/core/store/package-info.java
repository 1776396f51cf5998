/**
 * Results on disk that a long computation can be continued from: {@link io.neurflow.core.store.RunStore} keeps bytes by
 * the digest of what they were computed from.
 */
@NullMarked
package io.neurflow.core.store;

import org.jspecify.annotations.NullMarked;
