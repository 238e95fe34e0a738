"""Writing the tables of a LiteRT file; apart, since it needs an extra when it is imported."""

import flatbuffers


class Builder(flatbuffers.Builder):
    """Stores equal vectors once: the shapes of hundreds of tensors are a third of a small file."""

    def __init__(self, size):
        super().__init__(size)
        self._stored = {}

    def CreateNumpyVector(self, x):  # noqa: N802, the name is the library's
        key = x.dtype.str, x.tobytes()
        if key not in self._stored:
            self._stored[key] = super().CreateNumpyVector(x)
        return self._stored[key]

    def StartVector(self, elemSize, numElems, alignment):  # noqa: N802, N803
        # Bytes are the values of constants; the schema wants them where 16 divides the address, which
        # the library does not know.
        return super().StartVector(elemSize, numElems, 16 if elemSize == 1 else alignment)
