/**
 * The SameDiff probe: the network graph on ND4J's engine. The only package in which types of ND4J are used, and none of them
 * shows in a public signature.
 */
@NullMarked
package io.neurflow.core.samediff;

import org.jspecify.annotations.NullMarked;
