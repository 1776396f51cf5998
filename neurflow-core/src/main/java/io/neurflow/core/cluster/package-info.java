/** Clustering as Algorithm 2 needs it: Ward's tree, silhouettes, and the test whether there is more than one group. */
@NullMarked
package io.neurflow.core.cluster;

import org.jspecify.annotations.NullMarked;
