"""How far what is expected may be from what comes."""

_LEAST = 0.012
_FIRST_ERROR = 0.03
_LARGEST_ERROR = 0.5
_TELLING = 2000
"""Rows below which an answer does not tell how good expectations are."""
_WORSE, _BETTER = 0.4, 0.2
"""Weight of the newest answer: doubt comes sooner than trust."""
_FARTHEST = 3.0


class Margin:
    """Room to leave in an answer, learnt from how far expectations were wrong."""

    def __init__(self) -> None:
        self._bias = 0.0
        self._error = _FIRST_ERROR

    def learn(self, expected: float, rows: float) -> None:
        """Compare the rows of an answer with those that were expected."""
        if expected < _TELLING:
            return
        wrong = max(-_LARGEST_ERROR, min(rows / expected - 1, _LARGEST_ERROR))
        error = abs(wrong - self._bias)
        self._error += (error - self._error) * (_WORSE if error > self._error else _BETTER)
        self._bias += (wrong - self._bias) * _WORSE

    def part(self, ahead: float) -> float:
        """Return the part by which rows may exceed what is expected of them.

        Args:
            ahead: Days to look ahead, by those that were read.
        """
        error = self._error * (1 + min(ahead, _FARTHEST))
        return max(_LEAST, max(self._bias, 0.0) + error)
