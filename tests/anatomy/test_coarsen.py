"""Coarser surfaces: closed, outward, of the same volume."""

import numpy as np
import pytest

from cardiotwin.anatomy.blood import blood_cavities
from cardiotwin.anatomy.coarsen import coarsen
from cardiotwin.anatomy.surface import enclosed_volume_mm3
from cardiotwin.anatomy.topology import edge_counts


@pytest.mark.parametrize("name", ["coarse_heart", "dti004", "rodero01"])
def test_cavities_stay_closed_and_keep_their_volume(name, request):
    for cavity in blood_cavities(request.getfixturevalue(name)):
        fewer = coarsen(cavity, 600)
        assert len(fewer.triangles) <= 600
        assert (edge_counts(fewer.triangles)[1] % 2 == 0).all()
        volume_mm3 = enclosed_volume_mm3(fewer.nodes_mm, fewer.triangles)
        assert volume_mm3 == pytest.approx(enclosed_volume_mm3(*cavity), rel=0.02)


def test_what_is_coarse_enough_stays_as_it_is(coarse_heart):
    cavity = blood_cavities(coarse_heart)[0]
    assert coarsen(cavity, len(cavity.triangles)) is cavity


def test_too_few_triangles_are_refused(coarse_heart):
    cavity = blood_cavities(coarse_heart)[0]
    with pytest.raises(ValueError, match="cannot be coarsened to 2; allow more"):
        coarsen(cavity, 2)
    assert np.isfinite(coarsen(cavity, 100).nodes_mm).all()
