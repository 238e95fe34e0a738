"""What export to ONNX does to a graph."""

import numpy as np


def test_scalars_come_in_the_rank_of_images(rng):
    """A constant from outside of a loop, and a scalar that is computed within it."""
    import onnx
    import onnxruntime
    from imagepde.export.onnx_scalars import graphs, with_scalars_in_full_rank
    from onnx import TensorProto, helper

    body = helper.make_graph(
        [
            helper.make_node("Mul", ["half", "u"], ["product"]),
            helper.make_node("ReduceMax", ["product"], ["largest"], keepdims=0),
            helper.make_node("Sub", ["product", "largest"], ["next"]),
            helper.make_node("Identity", ["go"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("u", TensorProto.FLOAT, [1, None, None, 1]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [1, None, None, 1]),
        ],
    )
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, None, None, 1])
    result = helper.make_tensor_value_info("result", TensorProto.FLOAT, [1, None, None, 1])
    constants = [
        helper.make_tensor("half", TensorProto.FLOAT, [], [0.5]),
        helper.make_tensor("three", TensorProto.INT64, [], [3]),
        helper.make_tensor("true", TensorProto.BOOL, [], [True]),
    ]
    loop = helper.make_node("Loop", ["three", "true", "image"], ["result"], body=body)
    graph = helper.make_graph([loop], "main", [image], [result], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    given = {"image": rng.random((1, 5, 6, 1)).astype("float32")}

    def run():
        return onnxruntime.InferenceSession(model.SerializeToString()).run(None, given)[0]

    before = run()
    with_scalars_in_full_rank(model)
    onnx.checker.check_model(model)
    np.testing.assert_array_equal(run(), before)
    *_, inner = graphs(model.graph)
    by_output = {node.output[0]: node for node in inner.node}
    for name in (by_output["product"].input[0], by_output["next"].input[1]):
        assert by_output[name].op_type == "Reshape"
