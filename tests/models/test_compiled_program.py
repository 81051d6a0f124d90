"""The compiled program itself: what is data in it, and what is not."""

import re

import pytest
import tensorflow as tf

from models import training
from models.network import Network
from models.program import BLOCK, MARKS, Program, Rule
from models.training import Block

pytestmark = pytest.mark.slow

NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")


@pytest.mark.parametrize("batch", [None, 32])
def test_step_numbers_are_arguments_of_the_program_and_not_compiled_into_it(batch: int | None) -> None:
    # XLA compiles a program anew for each value of an argument that it needs as a constant; a run of many segments
    # would then compile at each of them.
    program = Program(NETWORK, Rule(), examples=100, batch=batch, dropout=False)
    block = Block.blank(program)
    parameters, order = tf.zeros((18, BLOCK)), tf.zeros(program.order_shape, tf.int32)
    slots, first, count, at = training.fresh_slots(program, parameters), tf.constant(3), tf.constant(2), tf.constant(2)
    marks = tf.range(MARKS)
    ir = training._segment(program).experimental_get_compiler_ir(
        parameters, slots, first, marks, count, block.tensors, order, at
    )(stage="hlo")
    entry = ir[ir.index("ENTRY") :]
    scalars = re.findall(r"s32\[\] parameter\(", entry)
    assert len(scalars) == 3, "first, count and at must all be arguments"
    assert re.search(rf"s32\[{MARKS}\]\S* parameter\(", entry), "marks must be an argument"


def test_preparing_a_program_twice_compiles_it_once() -> None:
    program = Program(NETWORK, Rule("sgd"), examples=7, batch=None, dropout=False)
    assert training.prepare(program) > 0
    assert training.prepare(program) == 0
