"""Writes what Python's onnxruntime makes of the networks in these tests, and the smaller one of the two networks.

    pip install onnxruntime==1.31.1 onnx==1.19.1 numpy==2.4.6
    python apps/policy/scripts/make-golden.py
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

APP = Path(__file__).parent.parent
TESTDATA = APP / "testdata"
STATES = 64
STATE_SIZE = 45


def states():
    """Standing still, and states as a walking robot has them."""
    random = np.random.default_rng(7)
    walking = random.normal(0, 0.5, (STATES - 1, STATE_SIZE))
    return np.concatenate([np.zeros((1, STATE_SIZE)), walking]).astype(np.float32)


def linear():
    """A network whose batch is free, which that of the Go2 is not: actions = tanh(state · weights)."""
    weights = np.random.default_rng(8).normal(0, 0.3, (STATE_SIZE, 6)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["state", "weights"], ["product"]), helper.make_node("Tanh", ["product"], ["actions"])],
        "linear",
        [helper.make_tensor_value_info("state", TensorProto.FLOAT, ["batch", STATE_SIZE])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["batch", 6])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, TESTDATA / "linear.onnx")


def actions(file, all_states, batch):
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate(
        [session.run(None, {name: all_states[at : at + batch]})[0] for at in range(0, len(all_states), batch)]
    )


def main():
    TESTDATA.mkdir(exist_ok=True)
    linear()
    all_states = states()
    np.savez(
        TESTDATA / "actions.npz",
        states=all_states,
        go2=actions(APP / "assets/go2/policy.onnx", all_states, 1),
        linear=actions(TESTDATA / "linear.onnx", all_states, STATES),
    )


main()
