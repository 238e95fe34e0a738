"""The cases of the layer check: a layer with arguments that are not the defaults, and its reference."""

import numpy as np
from imagepde import layers

from . import problem_reference as problems
from . import reaction_diffusion_reference as reaction
from . import reference
from .anisotropic_reference import anisotropic_reference
from .blade_reference import (
    blade,
    blade_flux,
    blade_flux_reference,
    blade_reference,
    stable_blade,
    stable_blade_reference,
)
from .energy_reference import energy_step, energy_step_reference
from .layer_references import (
    SHAPE,
    classical,
    classical_reference,
    contrast_step_reference,
    convolution_reference,
    decreasing_reference,
    estimator_reference,
    evolution_reference,
    experts,
    experts_reference,
    filtering_reference,
    monomial_reference,
    product,
    product_step_reference,
    roth_black_reference,
    spline_reference,
    step_reference,
    unet_step_reference,
)

CASES = {
    "LinearSpline": (
        lambda: layers.LinearSpline(7, "random_normal", "random_normal"),
        spline_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "DecreasingLinearSpline": (
        lambda: layers.DecreasingLinearSpline(7, "random_normal", "random_normal"),
        decreasing_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "Monomial": (
        lambda: layers.Monomial(3, "random_normal"),
        monomial_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "RothBlack": (
        lambda: layers.RothBlack("random_normal"),
        roth_black_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "ReflectingConvolution": (
        lambda: layers.ReflectingConvolution(4, 3, bias_initializer="random_normal"),
        convolution_reference,
        (*SHAPE[:-1], 2),
        (*SHAPE[:-1], 4),
    ),
    "ReflectingConvolution of mean zero, even kernels": (
        lambda: layers.ReflectingConvolution(4, 4, zero_mean=True),
        convolution_reference,
        SHAPE,
        (*SHAPE[:-1], 4),
    ),
    "ContrastEstimator": (
        lambda: layers.ContrastEstimator(0.2, (3, 4)),
        estimator_reference,
        SHAPE,
        (2, 1, 1, 1),
    ),
    "UNet": (
        lambda: layers.UNet((3, 4, 5), outputs=2, convolutions=2),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        (*SHAPE[:-1], 2),
    ),
    "UNet as the baseline of DiffNet": (
        lambda: layers.UNet((3, 4, 5), doubling_size=3, last_size=3, zero_mean=False),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        None,
    ),
    "UNet with one convolution on a level": (
        lambda: layers.UNet((3, 4), convolutions=1, kernel_size=5),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        None,
    ),
    "FieldsOfExperts": (experts, experts_reference, SHAPE, None),
    "ClassicalDiffusivity": (classical, classical_reference, SHAPE, None),
    "PeronaMalikStep": (
        lambda: layers.PeronaMalikStep(experts(), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep on edges": (
        lambda: layers.PeronaMalikStep(experts(location="edges"), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep on edges, even kernels": (
        lambda: layers.PeronaMalikStep(experts(size=4, location="edges"), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with a U-Net": (
        lambda: layers.PeronaMalikStep(layers.UNetDiffusivity((3, 4), 1), time_step=0.2),
        unet_step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with a product of experts": (
        lambda: layers.PeronaMalikStep(product(), time_step=0.2),
        product_step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with an estimated contrast": (
        lambda: layers.PeronaMalikStep(
            layers.ClassicalDiffusivity(contrast=layers.ContrastEstimator(0.3, (3, 4))), time_step=0.2
        ),
        contrast_step_reference,
        SHAPE,
        None,
    ),
    "FilteringStep": (
        lambda: layers.FilteringStep(3, channels=4, time_step=0.3),
        filtering_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "FilteringStep with a filter for each channel": (
        lambda: layers.FilteringStep(2, channels=4, shared=False),
        filtering_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "AnisotropicDiffusionStep": (
        lambda: layers.AnisotropicDiffusionStep(
            layers.EdgeEnhancingTensor(0.2, 0.7, learn=True), 0.3, 0.3, 0.8, learn_time_step=True
        ),
        anisotropic_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "AnisotropicDiffusionStep (coherence-enhancing)": (
        lambda: layers.AnisotropicDiffusionStep(
            layers.CoherenceEnhancingTensor(0.2, 0.4, 0.3, 0.01, learn=True), cycle=3
        ),
        anisotropic_reference,
        SHAPE,
        None,
    ),
    "AnisotropicDiffusionStep (isotropic)": (
        lambda: layers.AnisotropicDiffusionStep(layers.IsotropicTensor(0.3, 0.6, learn=True)),
        anisotropic_reference,
        SHAPE,
        None,
    ),
    "AnisotropicDiffusionStep with an estimated tensor": (
        lambda: layers.AnisotropicDiffusionStep(
            layers.EstimatedTensor(4, 3), learn_time_step=True, time_step=0.4
        ),
        anisotropic_reference,
        SHAPE,
        None,
    ),
    "AnisotropicResNetBlock": (
        lambda: layers.AnisotropicResNetBlock(
            layers.EdgeEnhancingTensor(0.2, 0.7, learn=True), alpha=0.3, gamma=-0.5, cycle=2
        ),
        anisotropic_reference,
        (*SHAPE[:-1], 2),
        None,
    ),
    "InfluenceFunctions": (
        lambda: reaction.influence(copies=2),
        reaction.influence_reference,
        (*SHAPE[:-1], 6),
        None,
    ),
    "InfluenceFunctions (sign)": (
        lambda: reaction.influence(bound="sign"),
        reaction.influence_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "InfluenceFunctions (monotone)": (
        lambda: reaction.influence(bound="monotone"),
        reaction.influence_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "ReactionDiffusionStep": (
        lambda: layers.ReactionDiffusionStep(8, 3, components=6, reaction=0.2),
        reaction.step_reference,
        [(*SHAPE[:-1], 4), (*SHAPE[:-1], 4)],
        (*SHAPE[:-1], 6),
    ),
    "ReactionDiffusionStep without symmetry": (
        lambda: layers.ReactionDiffusionStep(5, 5, symmetric=False, parity=False, pieces=8),
        reaction.step_reference,
        [(*SHAPE[:-1], 3), (*SHAPE[:-1], 1)],
        None,
    ),
    "ReactionDiffusionStep (bounded)": (
        lambda: layers.ReactionDiffusionStep(8, 3, components=4, bound="sign", brightness=2, slope=0.9),
        reaction.step_reference,
        [(*SHAPE[:-1], 6), (*SHAPE[:-1], 4)],
        (*SHAPE[:-1], 4),
    ),
    "Evolution": (
        lambda: layers.Evolution(layers.PeronaMalikStep(experts(), time_step=0.2), steps=3),
        evolution_reference,
        SHAPE,
        None,
    ),
    "Blade": (lambda: blade(footprint=3), blade_reference, SHAPE, None),
    "Blade without symmetry, in colour": (
        lambda: blade(symmetric=False, orientations=6, channels=3),
        blade_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "BladeFlux": (blade_flux, blade_flux_reference, SHAPE, None),
    "StableBlade": (lambda: stable_blade(longest_step=0.7), stable_blade_reference, SHAPE, None),
    "StableBlade in colour": (
        lambda: stable_blade(3, longest_step=0.7),
        stable_blade_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "EnergyStep": (energy_step, energy_step_reference, SHAPE, None),
    "BladeFlux without symmetry": (
        lambda: blade_flux(symmetric=False, footprint=3),
        blade_flux_reference,
        SHAPE,
        None,
    ),
    "TimeStep": (
        lambda: layers.TimeStep(blade(), 0.1),
        lambda layer, u: u + 0.1 * blade_reference(layer.rate, u),
        SHAPE,
        None,
    ),
    "TimeStep (midpoint)": (
        lambda: layers.TimeStep(blade(), 0.1, "midpoint"),
        lambda layer, u: (
            u + 0.1 * blade_reference(layer.rate, u + 0.05 * blade_reference(layer.rate, u))
        ),
        SHAPE,
        None,
    ),
    "Reconstruction": (
        problems.deblurring,
        problems.deblurring_reference,
        SHAPE,
        None,
    ),
    "Reconstruction (projected)": (
        problems.upscaling,
        problems.upscaling_reference,
        SHAPE,
        (2, 18, 16, 1),
    ),
    "FoldedDeconvolution": (problems.folded, problems.folded_reference, SHAPE, None),
    "ChanVese": (
        problems.segmentation,
        problems.segmentation_reference,
        (*SHAPE[:-1], 3),
        SHAPE,
    ),
    "BladeResampling": (
        problems.resampling,
        problems.resampling_reference,
        (*SHAPE[:-1], 3),
        SHAPE,
    ),
}
