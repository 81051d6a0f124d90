"""The compiled program itself: what is data in it, and what is not."""

import re

import numpy as np
import pytest
import tensorflow as tf

from models import training
from models.network import Network
from models.training import BLOCK, Block, Program, Rule

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")


@pytest.mark.parametrize("batch", [None, 32])
def test_step_numbers_are_arguments_of_the_program_and_not_compiled_into_it(batch: int | None) -> None:
    # XLA compiles a program anew for each value of an argument that it needs as a constant; a run of many segments
    # would then compile at each of them.
    program = Program(NETWORK, Rule(), examples=100, batch=batch, dropout=False)
    block = Block.of(
        x=np.zeros((100, 2), np.float32),
        targets=np.zeros((100, 4), np.float32),
        rate=np.zeros(BLOCK, np.float32),
        trainable=np.ones((18, BLOCK), np.float32),
        l2=np.zeros(BLOCK, np.float32),
        dropout=np.float32(0),
        keys=np.zeros((2, BLOCK), np.uint32),
    )
    parameters, order = tf.zeros((18, BLOCK)), tf.zeros(training.order_shape(program), tf.int32)
    slots, first, last, at = training.fresh_slots(program, parameters), tf.constant(3), tf.constant(7), tf.constant(2)
    ir = training._segment(program).experimental_get_compiler_ir(
        parameters, slots, first, last, vars(block), order, at
    )(stage="hlo")
    entry = ir[ir.index("ENTRY") :]
    scalars = re.findall(r"s32\[\] parameter\(", entry)
    assert len(scalars) == 3, "first, last and at must all be arguments"


def test_preparing_a_program_twice_compiles_it_once() -> None:
    program = Program(NETWORK, Rule("sgd"), examples=7, batch=None, dropout=False)
    assert training.prepare(program) > 0
    assert training.prepare(program) == 0
