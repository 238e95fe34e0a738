"""A model that computes in another precision."""

from typing import Any

from ..errors import InputError
from ..pde.backend import keras
from .zoo_model import ZooModel


def with_dtype(model: ZooModel, dtype: Any) -> ZooModel:
    """The same model, with the same weights, whose layers compute by another dtype policy.

    Args:
        model: A model of the zoo.
        dtype: `"float16"`, `"bfloat16"`, `"float64"`, `"mixed_bfloat16"` and the like.

    Returns:
        Another `ZooModel`. What must be exact, as the selection of filters, stays in float32.
    """
    try:
        policy = keras.dtype_policies.get(dtype)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"`dtype` must be a dtype or a policy of Keras, as 'mixed_bfloat16'. Received: {dtype!r}."
        ) from error
    config = _with_policy(model.get_config(), keras.dtype_policies.serialize(policy))
    cast = ZooModel.from_config(config)
    cast.set_weights(model.get_weights())
    return cast


def _with_policy(config, policy):
    """A configuration with another dtype policy in all layers, and in the layers within them."""
    if isinstance(config, list | tuple):
        return [_with_policy(one, policy) for one in config]
    if not isinstance(config, dict):
        return config
    # Plain dtypes are those of tensors, which follow from the policies of the layers.
    if config.get("class_name") == "DTypePolicy":
        return policy
    return {k: v if k == "card" else _with_policy(v, policy) for k, v in config.items()}
