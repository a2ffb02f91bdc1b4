"""Made: what a row was made of, as its record keeps it."""

from __future__ import annotations

from runner.engine.rows.identity import is_other, is_simulated
from runner.record import Record

LONGEST = 16
"""So many characters of a digest are kept beside that of the row."""


class Made(Record):
    """The digests of a row, of the `rest` that all rows are made of, and of whom it was asked.

    A row that only its outputs tell of has no rest.
    """

    row: str
    rest: str = ""
    whom: str = ""

    @classmethod
    def of(cls, text: str) -> Made:
        """Read what a record keeps."""
        return cls(*[*text.split("."), "", ""][:3])

    def __str__(self) -> str:
        return ".".join(self)

    def is_now(self, now: Made) -> bool:
        """Whether it would be made of the same now; that it is simulated alone is no change."""
        return self[:2] == now[:2] and not is_other(self.whom, now.whom)

    def passed(self, now: Made) -> Made:
        """Return what is known of a row that is passed over: who answered stays as it was."""
        stays = self.whom and is_simulated(self.whom) != is_simulated(now.whom)
        return now._replace(row=self.row, whom=self.whom if stays else now.whom)
