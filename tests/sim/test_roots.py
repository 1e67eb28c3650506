"""Root sites mean the same place on every heart."""

import numpy as np
import pytest

from cardiotwin.sim import HEALTHY_ROOTS
from cardiotwin.sim.roots import root_nodes


@pytest.mark.parametrize("heart", ["builtin", "dti004", "rodero01"])
def test_roots_lie_near_their_coordinates_on_their_endocardium(heart, request):
    heart = request.getfixturevalue(heart)
    nodes = root_nodes(heart, HEALTHY_ROOTS)
    c = heart.coordinates
    for node, root in zip(nodes, HEALTHY_ROOTS, strict=True):
        surface = heart.surfaces["lv_endo" if root.wall == "lv_endo" else "rv_endo"]
        assert node in surface
        assert (c.transventricular[node] >= 0.5) == (root.wall == "rv_free")
        turn = np.angle(np.exp(1j * (c.rotational[node] - root.rotational)))
        assert abs(c.apicobasal[node] - root.apicobasal) < 0.1, root.name
        assert abs(turn) < 0.25, root.name


def test_no_roots_is_an_error_that_says_so(builtin):
    with pytest.raises(ValueError, match="roots is empty"):
        root_nodes(builtin, ())
