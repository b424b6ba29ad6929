"""What contributors did in a call, as settlements reckon with it; each kind of call tells its own.

Answers tell how many counted and what they were worth; ideas will tell by lineage, funds by pledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]

# So many checked contributions before anything is paid for their value.
CHECKED_MIN = 20
NOT_CHECKED = -1


@dataclass(frozen=True, slots=True)
class Mark:
    """Contributions numbered up to `seen_up_to` were seen, and none above."""

    seen_up_to: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """Columns in the order of contributors, who are merged persons and whose ids grow.

    `mean_nano` and `error_nano` are in thousand millionths of a nat for a checked contribution;
    NOT_CHECKED is the error of whoever has none, or too few.
    """

    contributors: Longs
    counted: Longs
    checked: Longs
    mean_nano: Longs
    error_nano: Longs

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether enough was checked of a contributor to pay for its value."""
        known: NDArray[np.bool_] = (self.checked >= CHECKED_MIN) & (self.error_nano != NOT_CHECKED)
        return known
