"""What a model is for, as an object: degradations, diffusion, surrogates, displacement, and metrics."""
