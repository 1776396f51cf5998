/**
 * From a folder of photographs to model inputs and patches: decoding what is found in the wild, resizing byte for byte as
 * the Python world does, normalising, cutting patches, and keeping the images that a model assigns to a class.
 */
@NullMarked
package io.neurflow.core.image;

import org.jspecify.annotations.NullMarked;
