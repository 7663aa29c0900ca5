"""Least-cost flows in whole numbers, one goal after the other, each proved by its prices.

Engine: OR-Tools' cost-scaling flow. The proof is our own: shortest distances in the residual network are prices of the nodes;
if no arc with room has a negative reduced cost, no flow is better. The same reduced costs say which flows are equally good,
so the next goal is sought among those alone, and no weight ever has to outweigh another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from ortools.graph.python import min_cost_flow

Ints = npt.NDArray[np.int64]
LARGEST = 2**62
"""The flow engine multiplies costs by the number of nodes; the product must stay below this."""
FAR = 2**61


class NotProved(RuntimeError):
    """A flow that its prices do not prove: a defect of the engine or of ours, never of the input."""


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs `tails` → `heads` (node numbers) with `room`; `supply` per node, summing to 0."""

    tails: Ints
    heads: Ints
    room: Ints
    supply: Ints


@dataclass(frozen=True, slots=True)
class Flow:
    """`amount` per arc; `prices`: per goal, of every node; every goal is proved optimal among the best of those before."""

    amount: Ints
    prices: tuple[Ints, ...]


def fits(network: Network, cost: Ints) -> bool:
    """Whether the engine can reckon with these costs exactly."""
    return not len(cost) or int(np.abs(cost).max()) * (len(network.supply) + 2) < LARGEST


def solve(network: Network, goals: tuple[Ints, ...], start: int = -1) -> Flow:
    """The flow of least cost by the first goal, among those by the second, and so on. Goals: cost per unit of each arc.

    `start`: the node prices count from, so that `price[v]` is what one unit more from there to `v` costs; without it, any.
    Raises ValueError where no flow meets the supplies or a cost is too large, NotProved where the proof fails.
    """
    low, high = np.zeros_like(network.room), network.room.copy()
    prices: list[Ints] = []
    amount = low
    for cost in goals:
        amount = _flow(network, low, high, cost)
        price, settled = _distances(
            network.tails, network.heads, low, high, amount, cost, len(network.supply), start
        )
        if not settled:
            raise NotProved("a cheaper flow exists")
        reduced = cost + price[network.tails] - price[network.heads]
        wrong = ((amount < high) & (reduced < 0)) | ((amount > low) & (reduced > 0))
        if wrong.any() or not _balanced(network, amount):
            raise NotProved("reduced costs contradict the flow")
        prices.append(price)
        low, high = np.where(reduced < 0, high, low), np.where(reduced > 0, low, high)
    return Flow(amount, tuple(prices))


def _balanced(network: Network, amount: Ints) -> bool:
    out = np.bincount(network.tails, weights=amount, minlength=len(network.supply))
    come = np.bincount(network.heads, weights=amount, minlength=len(network.supply))
    return bool(
        (out - come == network.supply).all() and (amount >= 0).all() and (amount <= network.room).all()
    )


def _flow(network: Network, low: Ints, high: Ints, cost: Ints) -> Ints:
    """Only arcs that still may change go to the engine; what must flow is taken from the supplies."""
    open_ = high > low
    tails, heads = network.tails[open_], network.heads[open_]
    size = len(network.supply)
    fixed = np.bincount(network.tails, weights=low, minlength=size) - np.bincount(
        network.heads, weights=low, minlength=size
    )
    supply = network.supply - fixed.astype(np.int64)
    if not fits(network, cost[open_]):
        raise ValueError("costs too large for exact whole numbers")
    engine = min_cost_flow.SimpleMinCostFlow()
    arcs = engine.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), (high - low)[open_], cost[open_]
    )
    engine.set_nodes_supplies(np.arange(size, dtype=np.int32), supply)
    status = engine.solve()
    if status != engine.OPTIMAL:
        raise ValueError(f"no flow meets the supplies ({status.name})")
    amount = low.copy()
    if len(arcs):
        amount[open_] += engine.flows(arcs)
    return amount


@njit(nogil=True, cache=True)
def _distances(tails, heads, low, high, amount, cost, size, start):  # type: ignore[no-untyped-def]
    """Shortest distances to every node from `start`, FAR where no way leads; False where a cheaper flow exists.

    With `start` below 0, from one that reaches all nodes at 0.
    """
    price = np.zeros(size, np.int64)
    if start >= 0:
        price[:] = FAR
        price[start] = 0
    for _ in range(size + 1):
        changed = False
        for arc in range(len(tails)):
            tail, head = tails[arc], heads[arc]
            if amount[arc] < high[arc] and price[tail] + cost[arc] < price[head]:
                price[head] = price[tail] + cost[arc]
                changed = True
            if amount[arc] > low[arc] and price[head] - cost[arc] < price[tail]:
                price[tail] = price[head] - cost[arc]
                changed = True
        if not changed:
            return price, True
    return price, False
