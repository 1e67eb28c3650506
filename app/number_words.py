"""Numbers between commas, as options take them."""

from math import isfinite


def numbers(words: str, option: str, most: int) -> list[float]:
    """Positive numbers between commas; the last one told stands for those that are not.

    Raises
    ------
    ValueError
        When one is no positive number, or there are more than `most`.

    Examples
    --------
    >>> numbers("0.5,.3", "--cv", 3)
    [0.5, 0.3, 0.3]
    """
    try:
        told = [float(word) for word in words.split(",")]
    except ValueError:
        told = []
    if not 1 <= len(told) <= most or not all(isfinite(x) and x > 0 for x in told):
        msg = f"{option} must be up to {most} positive numbers, commas between, got {words!r}"
        raise ValueError(msg)
    return [told[min(i, len(told) - 1)] for i in range(most)]
