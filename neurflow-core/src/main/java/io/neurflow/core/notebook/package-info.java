/** Results as HTML in a Jupyter notebook with a Java kernel, without a dependency on any kernel. */
@NullMarked
package io.neurflow.core.notebook;

import org.jspecify.annotations.NullMarked;
