"""JAX the way its documentation teaches it: one network's training as a scan over steps, vmapped over networks."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.harness import RATE, SHORT, STEPS, Floats, Problem, Result, Way, ensembles, main

Parameters = tuple[jax.Array, ...]


def run(problem: Problem) -> Result:
    """Measure ensembles of every size."""
    x, targets = jnp.asarray(problem.x), jnp.asarray(problem.targets)
    compiled = {steps: jax.jit(jax.vmap(lambda start, steps=steps: trained(start, steps))) for steps in (STEPS, SHORT)}

    def loss(parameters: Parameters) -> jax.Array:
        w1, b1, w2, b2 = parameters
        z = jax.nn.relu(x @ w1 + b1) @ w2 + b2  # (rows, outputs)
        return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(z), axis=1))

    def trained(start: Parameters, steps: int) -> jax.Array:
        """Train one network; return its loss ()."""

        def step(
            state: tuple[Parameters, Parameters, Parameters], time: jax.Array
        ) -> tuple[tuple[Parameters, Parameters, Parameters], None]:
            parameters, first, second = state
            gradient = jax.grad(loss)(parameters)
            first = jax.tree.map(lambda m, g: m + (g - m) * 0.1, first, gradient)
            second = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, second, gradient)
            corrected = RATE * jnp.sqrt(1 - 0.999**time) / (1 - 0.9**time)
            parameters = jax.tree.map(
                lambda w, m, v: w - corrected * m / (jnp.sqrt(v) + 1e-7), parameters, first, second
            )
            return (parameters, first, second), None

        zeros = jax.tree.map(jnp.zeros_like, start)
        (parameters, _, _), _ = jax.lax.scan(step, (start, zeros, zeros), jnp.arange(1.0, steps + 1))
        return loss(parameters)

    def train(networks: int, steps: int) -> Floats:
        start = tuple(jnp.asarray(np.moveaxis(part, -1, 0)) for part in problem.start(networks))  # (networks, ...)
        return np.asarray(compiled[steps](start))

    return Result(ensembles(Way.JAX, train, (STEPS, STEPS, SHORT)))


if __name__ == "__main__":
    main(run)
