"""Every cell model by its name."""

from .bueno_orovio import BUENO_OROVIO_ENDO, BUENO_OROVIO_EPI, BUENO_OROVIO_M
from .cell_model import CellModel
from .courtemanche import COURTEMANCHE, COURTEMANCHE_AF
from .fenton_karma import FENTON_KARMA_BR, FENTON_KARMA_GP, FENTON_KARMA_MBR, FENTON_KARMA_MLR
from .mitchell_schaeffer import ATRIAL, VENTRICULAR
from .ten_tusscher import TEN_TUSSCHER_ENDO, TEN_TUSSCHER_EPI, TEN_TUSSCHER_M

_MODELS = {
    model.name: model
    for model in (
        TEN_TUSSCHER_EPI,
        TEN_TUSSCHER_M,
        TEN_TUSSCHER_ENDO,
        BUENO_OROVIO_EPI,
        BUENO_OROVIO_M,
        BUENO_OROVIO_ENDO,
        COURTEMANCHE,
        COURTEMANCHE_AF,
        FENTON_KARMA_BR,
        FENTON_KARMA_MBR,
        FENTON_KARMA_MLR,
        FENTON_KARMA_GP,
        VENTRICULAR,
        ATRIAL,
    )
}


def cell_models() -> tuple[str, ...]:
    """Names that `cell_model` knows."""
    return tuple(_MODELS)


def cell_model(name: str) -> CellModel:
    """The cell model of a name.

    Raises
    ------
    ValueError
        When there is none; the message lists the names.

    Examples
    --------
    >>> cell_model("bueno-orovio-epi").states
    ('v', 'w', 's')
    """
    if name not in _MODELS:
        msg = f"no cell model {name!r}; there are {', '.join(_MODELS)}"
        raise ValueError(msg)
    return _MODELS[name]
