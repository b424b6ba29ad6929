"""Pictures with known boxes and a crowd that marks them, with the failings of real ones.

This is not the model that the engine fits: things differ in size and in how well they stand out,
workers err in pixels as well as in parts of a box, all who draw a thing share its ambiguous edge,
false boxes come from decoys that attract several workers as well as from nowhere, a careless
worker misses the small, shifts boxes, draws two neighbours as one and sometimes gives up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dure.truth import Boxes

N_LABELS = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """How pictures and the crowd are; rates are per picture or per answer."""

    n_tasks: int = 300
    n_each: int = 5
    n_workers: int = 40
    things: float = 3.0
    part_paired: float = 0.35
    decoys: float = 0.7
    stray: float = 0.08
    part_careless: float = 0.15
    part_empty: float = 0.1
    jitter: float = 0.035
    ambiguity: float = 0.015
    visibility: float = 1.0


@dataclass(frozen=True, slots=True)
class Pictures:
    """The answers and the truth: row j is one real box."""

    boxes: Boxes
    true_task: np.ndarray
    true_corners: np.ndarray
    true_label: np.ndarray


@dataclass(slots=True)
class _Worker:
    skill: float
    size_blind: float
    stray: float
    gullible: float
    jitter: float
    pixels: float
    bias: np.ndarray
    shift: float
    joins: float
    gives_up: float
    names: float


@dataclass(slots=True)
class _Rows:
    task: list[int] = field(default_factory=list)
    worker: list[int] = field(default_factory=list)
    answer: list[int] = field(default_factory=list)
    corners: list[np.ndarray] = field(default_factory=list)
    label: list[int] = field(default_factory=list)


def simulate(scene: Scene, *, seed: int) -> Pictures:
    """Draw pictures, a crowd, and the answers of `n_each` workers to each picture."""
    rng = np.random.default_rng(seed)
    crowd = [_worker(scene, rng) for _ in range(scene.n_workers)]
    rows = _Rows()
    true: list[tuple[int, np.ndarray, int]] = []
    for task in range(scene.n_tasks):
        things, labels, visible = _things(scene, rng)
        decoys = [_somewhere(rng) for _ in range(rng.poisson(scene.decoys))]
        lure = rng.beta(1.0, 4.0, len(decoys))
        edges = [rng.normal(0.0, scene.ambiguity, 4) for _ in things]
        true.extend((task, box, label) for box, label in zip(things, labels, strict=True))
        for worker in rng.choice(scene.n_workers, scene.n_each, replace=False):
            who = crowd[worker]
            rows.task.append(task)
            rows.worker.append(int(worker))
            if rng.random() < who.gives_up:
                continue
            seen = [k for k, box in enumerate(things) if _sees(who, box, visible[k], rng)]
            drawn = [(things[k], edges[k], labels[k]) for k in seen]
            drawn = _joined(drawn, who, rng)
            drawn += [
                (box, np.zeros(4), int(rng.integers(N_LABELS)))
                for box, luring in zip(decoys, lure, strict=True)
                if rng.random() < min(1.0, luring * who.gullible)
            ]
            drawn += [
                (_somewhere(rng), np.zeros(4), int(rng.integers(N_LABELS)))
                for _ in range(rng.poisson(who.stray))
            ]
            for box, edge, label in drawn:
                rows.answer.append(len(rows.task) - 1)
                rows.corners.append(_drawn(who, box, edge, rng))
                named = label if rng.random() < who.names else int(rng.integers(N_LABELS))
                rows.label.append(named)
    boxes = Boxes(
        task_of_answer=np.array(rows.task, np.int32),
        worker_of_answer=np.array(rows.worker, np.int32),
        answer_of_box=np.array(rows.answer, np.int32),
        corners=np.array(rows.corners, np.float64).reshape(-1, 4),
        label_of_box=np.array(rows.label, np.int32),
        n_tasks=scene.n_tasks,
        n_workers=scene.n_workers,
        n_labels=N_LABELS,
    )
    return Pictures(
        boxes,
        np.array([one[0] for one in true], np.int32),
        np.array([one[1] for one in true], np.float64).reshape(-1, 4),
        np.array([one[2] for one in true], np.int32),
    )


def _worker(scene: Scene, rng: np.random.Generator) -> _Worker:
    careless = rng.random() < scene.part_careless
    return _Worker(
        skill=rng.normal(0.5 if careless else 2.5, 0.7),
        size_blind=rng.uniform(0.2, 1.2),
        stray=scene.stray * rng.gamma(1.0, 1.0) * (6.0 if careless else 1.0),
        gullible=rng.uniform(0.5, 1.5) * (2.0 if careless else 1.0),
        jitter=scene.jitter * np.exp(rng.normal(0.0, 0.4)) * (2.5 if careless else 1.0),
        pixels=rng.uniform(0.001, 0.004),
        bias=rng.normal(0.0, 0.02, 1) * np.array([-1.0, -1.0, 1.0, 1.0]) + rng.normal(0, 0.008, 4),
        shift=0.1 if careless else 0.02,
        joins=0.4 if careless else 0.08,
        gives_up=0.15 if careless else 0.01,
        names=0.7 if careless else 0.95,
    )


def _things(
    scene: Scene, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[int], list[float]]:
    """Things of a picture, some beside or over another, with labels and how they stand out."""
    if rng.random() < scene.part_empty:
        return [], [], []
    things: list[np.ndarray] = []
    for _ in range(rng.poisson(scene.things)):
        box = _somewhere(rng)
        if things and rng.random() < scene.part_paired:
            box = _beside(things[rng.integers(len(things))], rng)
        things.append(box)
    labels = [int(rng.integers(N_LABELS)) for _ in things]
    return things, labels, rng.normal(0.0, scene.visibility, len(things)).tolist()


def _somewhere(rng: np.random.Generator) -> np.ndarray:
    sides = np.exp(rng.uniform(np.log(0.03), np.log(0.5))) * np.exp(rng.normal(0.0, 0.3, 2))
    sides = np.clip(sides, 0.015, 0.9)
    corner = rng.uniform(0.0, 1.0 - sides)
    return np.concatenate([corner, corner + sides])


def _beside(box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A thing of like size that overlaps another, by up to about half."""
    sides = (box[2:] - box[:2]) * np.exp(rng.normal(0.0, 0.15, 2))
    way = rng.uniform(0.0, 2.0 * np.pi)
    centre = (box[:2] + box[2:]) / 2.0
    centre = centre + rng.uniform(0.3, 0.9) * sides * np.array([np.cos(way), np.sin(way)])
    corners = np.concatenate([centre - sides / 2.0, centre + sides / 2.0])
    return _inside(corners)


def _sees(who: _Worker, box: np.ndarray, visible: float, rng: np.random.Generator) -> bool:
    area = (box[2] - box[0]) * (box[3] - box[1])
    log_odds = who.skill + visible + who.size_blind * (0.5 * np.log(area) + 2.0)
    return bool(rng.random() < 1.0 / (1.0 + np.exp(-log_odds)))


def _joined(drawn: list, who: _Worker, rng: np.random.Generator) -> list:
    """Draw two that overlap as one, now and then."""
    left = list(drawn)
    for k in range(len(left) - 1):
        for j in range(k + 1, len(left)):
            one, other = left[k], left[j]
            if one is None or other is None:
                continue
            apart = np.minimum(one[0][2:], other[0][2:]) - np.maximum(one[0][:2], other[0][:2])
            if (apart > 0).all() and rng.random() < who.joins:
                low = np.minimum(one[0][:2], other[0][:2])
                high = np.maximum(one[0][2:], other[0][2:])
                left[k], left[j] = (np.concatenate([low, high]), one[1], one[2]), None
    return [one for one in left if one is not None]


def _drawn(who: _Worker, box: np.ndarray, edge: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sides = np.tile(box[2:] - box[:2], 2)
    error = rng.standard_t(4, 4) * who.jitter * sides + rng.normal(0.0, who.pixels, 4)
    if rng.random() < who.shift:
        error = error + np.tile(rng.normal(0.0, 0.25, 2), 2) * sides
    return _inside(box + (edge + who.bias) * sides + error)


def _inside(corners: np.ndarray) -> np.ndarray:
    low = np.clip(np.minimum(corners[:2], corners[2:]), 0.0, 0.99)
    high = np.clip(np.maximum(corners[:2], corners[2:]), low + 0.005, 1.0)
    return np.round(np.concatenate([low, high]), 5)
