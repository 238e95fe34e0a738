"""Results that others published, to stand beside ours: typed from their papers, never ours."""

LEARNING_DIFFUSION = {
    # family: (name in the paper, PSNR/SSIM in Table 1 and Q in Table 2, for σ = 15, 25, 50)
    "perona_malik": ("PM 1", ((26.5, 0.67, 56.2), (23.1, 0.49, 51.2), (17.9, 0.27, 32.0))),
    "ka": ("KA", ((29.4, 0.83, 54.6), (26.7, 0.72, 55.7), (23.4, 0.55, 61.1))),
    "foe_s": ("FoE-S", ((29.5, 0.83, 59.0), (26.9, 0.74, 62.2), (24.1, 0.60, 63.2))),
    "foe_d": ("FoE-D", ((29.5, 0.83, 58.6), (26.9, 0.74, 62.7), (24.1, 0.61, 63.3))),
    "foe_m": ("FoE-M", ((29.1, 0.81, 58.3), (26.6, 0.73, 62.1), (23.9, 0.59, 63.9))),
    "foe_rb": ("FoE-RB", ((28.2, 0.77, 57.5), (25.9, 0.68, 61.7), (23.4, 0.55, 64.2))),
    "unet_diffusivity": ("U-Net", ((29.2, 0.83, 59.7), (27.1, 0.76, 62.2), (23.9, 0.59, 62.4))),
}
"""Valdivia Ortega, Haas and Effland (2024), Tables 1 and 2: random 256² crops of BSDS500 val."""

NOISY_INPUT = ((24.6, 0.59, 44.8), (20.1, 0.41, 36.1), (14.1, 0.20, 21.5))
"""The noisy pictures themselves in these tables."""

AUTHORS_WEIGHTS = {
    "perona_malik": (27.44, 24.24, 20.82),
    "ka": (29.53, 26.31, 23.70),
    "foe_s": (30.94, 28.24, 24.83),
    "unet_diffusivity": (30.08, 27.82, 24.21),
}
"""PSNR of the weights that these authors published, measured on Set12 1–7 by our protocol."""

SIZES = {
    "perona_malik": ("1", "–"),
    "ka": ("206K", "3.78G"),
    "foe_s": ("2K", "1.67G"),
    "unet_diffusivity": ("27.6K", "3.31G"),
}
"""Table 3 of the same paper: parameters, and FLOPs for 256×256 pixels."""

DIFFNET = {
    # task: (mean on the test pictures, DiffNet on one of them, the U-Net on the same)
    "pm_inverse": (63.72, 65.34, 61.08),
    "pm_inverse_noise1": (34.21, 34.96, 35.27),
    "deconvolution": (86.24, None, None),
}
"""Arridge and Hauptmann (2020), sections 5.1 and 5.2, Figs. 6 to 9: PSNR on STL-10, and on disks."""

BLADE = {
    "tv_flow": (33.43, 0.9553),
    "perona_malik": (35.68, 0.9821),
    "ced": (35.54, 0.9663),
    "cahn_hilliard": (12.92, 0.7737),
}
"""PSNR and SSIM of the BLADE paper's table (section 3.3), whose parameters and times are not known."""

DENOISERS = {
    # name: (parameters, PSNR on BSD68 for σ = 15, 25, 50)
    "BM3D": (None, (31.07, 28.57, 25.62)),
    "TNRD 5×5": (10565, (None, 28.78, None)),
    "TNRD 7×7": (26885, (31.42, 28.92, 25.97)),
    "CRR-NN": (None, (30.51, 28.10, None)),
    "WCRR-NN": (13600, (31.21, 28.68, None)),
    "DnCNN": (556000, (31.73, 29.23, 26.23)),
}
"""Chen and Pock (2017), Goujon et al. (2023, 2024), Zhang et al. (2017), who also report BM3D."""

DENOISERS_SET12 = {"TNRD 5×5": 29.78, "TNRD 7×7": 29.94, "DnCNN": 30.36}
"""PSNR on Set12, pictures 1 to 7, for σ = 25."""
