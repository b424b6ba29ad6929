from __future__ import annotations

from dure.truth import warm
from dure.truth._kernels import believe, conclude


def test_warm_leaves_every_kernel_compiled():
    warm()

    assert believe.signatures
    assert conclude.signatures
