/**
 * The experiments of the NeurFlow paper as evaluators of any {@link io.neurflow.api.ModelProbe}: each is configured fluently and
 * gives an {@link io.neurflow.core.experiment.ExperimentResult} with a table (text, Markdown, CSV) and plots (SVG, PNG). Where the
 * paper's or its authors' way of measuring does not tell what it seems to, it is repaired: held-out images, many random draws,
 * bootstrap intervals over neurons, stated seeds.
 *
 * <p>{@link io.neurflow.core.experiment.Fidelity}, {@link io.neurflow.core.experiment.RankingOverlap} and
 * {@link io.neurflow.core.experiment.CropShares} are about a neuron circuit;
 * {@link io.neurflow.core.experiment.KnockOutStudy} measures what knocking out sets of neurons does to targets, from which
 * {@link io.neurflow.core.experiment.Optimality}, {@link io.neurflow.core.experiment.WeightLossCorrelation},
 * {@link io.neurflow.core.experiment.AttributionComparison} and {@link io.neurflow.core.experiment.SumAgainstAverage} are read, and
 * by {@link io.neurflow.core.experiment.AttributionChoices} what other attributions would choose;
 * {@link io.neurflow.core.experiment.AgainstWeights}, {@link io.neurflow.core.experiment.ConceptSizes} and
 * {@link io.neurflow.core.experiment.AttributionTimes} are about neighbouring layers.
 */
@NullMarked
package io.neurflow.core.experiment;

import org.jspecify.annotations.NullMarked;
