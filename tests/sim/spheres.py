"""Closed forms of a dipole in an insulated sphere that may hold a ball of another conductivity.

Potentials are times 4 pi and the sphere's conductivity, with a mean of 0 over the sphere.
"""

import numpy as np
from scipy.spatial import ConvexHull
from scipy.special import binom, eval_legendre

from cardiotwin.anatomy.lungs import sphere_points
from cardiotwin.anatomy.torso import Shell

RADIUS_MM = 100.0


def ball(nodes, radius_mm=RADIUS_MM, middle_mm=(0.0, 0.0, 0.0)):
    """Closed sphere of 2 * nodes - 4 triangles of nearly one size."""
    points = sphere_points(nodes)
    triangles = ConvexHull(points).simplices
    a, b, c = points[triangles].transpose(1, 0, 2)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return Shell(radius_mm * points + np.array(middle_mm), triangles.astype(np.int32))


def concentric(dipole, depth_mm, directions, *, ball_mm=0.0, conductivity=1.0, terms=120):
    """(k,) On the sphere, of a dipole on the z axis outside a ball of the same middle.

    In each order n the ball answers the dipole's regular part and the skin's, and the skin
    reflects the dipole's outer part and the ball's (Geselowitz 1967 without a ball); `dipole`
    has a part across, x, and one along the radius, z.
    """
    n = np.arange(1.0, terms)
    answer = n * (1 - conductivity) / (n * (1 + conductivity) + 1)
    share = answer * (ball_mm / RADIUS_MM) ** (2 * n + 1)
    power = (depth_mm / RADIUS_MM) ** (n - 1) / RADIUS_MM**2
    # The ball sees r^n / depth^(n + 2): times its own answer and (b/R)^(n + 1).
    back = 0 * n
    if ball_mm:
        back = answer * (ball_mm / RADIUS_MM) ** (n + 1) * (ball_mm / depth_mm) ** n / depth_mm**2
    scale = (2 * n + 1) / n / (1 - share * (n + 1) / n)
    cosine = directions[:, 2, None]
    legendre, before = eval_legendre(n, cosine), eval_legendre(n - 1, cosine)
    slope = n * (before - cosine * legendre) / np.maximum(1 - cosine**2, 1e-12)  # dP_n/dcos
    radial = (scale * (n * power - (n + 1) * back) * legendre).sum(axis=1)
    across = (scale * (power + back) * slope).sum(axis=1) * directions[:, 0]
    return dipole[2] * radial + dipole[0] * across


def eccentric(at_mm, directions, *, ball_mm, middle_mm, conductivity, terms=60):
    """(k,) On the sphere, of a unit dipole along z at z = at_mm, and a ball about z = middle_mm.

    Solid harmonics about one middle are finite or convergent sums of those about the other; the
    conditions on both surfaces are a linear system in their coefficients.
    """
    n = np.arange(terms)
    away = at_mm - middle_mm
    seen = -(n + 1) * np.sign(away) ** (n + 1) * ball_mm**n / np.abs(away) ** (n + 2.0)
    outer = n * at_mm ** np.maximum(n - 1.0, 0) / RADIUS_MM ** (n + 1.0)
    k, j = n[:, None], n[None]
    # About the ball's middle: (r/R)^j of the skin's; about the skin's: (b/r)^(j + 1) of the ball's.
    up = np.maximum(j - k, 0)
    inward = binom(j, k) * middle_mm**up * ball_mm**k / RADIUS_MM ** (1.0 * j) * (j >= k)
    up = np.maximum(k - j, 0)
    outward = binom(k, j) * middle_mm**up * ball_mm ** (j + 1) / RADIUS_MM ** (k + 1.0) * (k >= j)
    answer = n * (1 - conductivity) / (n * (1 + conductivity) + 1)
    skin = (n + 1) / np.maximum(n, 1) * (n > 0)
    # ball = answer (seen + inward @ image), image = skin (outer + outward @ ball)
    system = np.eye(terms) - (answer[:, None] * inward) @ (skin[:, None] * outward)
    inner = np.linalg.solve(system, answer * (seen + inward @ (skin * outer)))
    total = (1 + skin) * (outer + outward @ inner) * (n > 0)
    return eval_legendre(n, directions[:, 2, None]) @ total
