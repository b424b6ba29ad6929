from __future__ import annotations

from dure.truth import warm
from dure.truth._kernels import add_counts, add_log_likelihood


def test_warm_leaves_every_kernel_compiled():
    warm()

    assert add_counts.signatures
    assert add_log_likelihood.signatures
