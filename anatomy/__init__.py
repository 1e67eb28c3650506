"""Heart geometry: images, surfaces and meshes in, myocardium ready to be simulated out."""

from .atrial_build import build_atrium
from .atrial_files import load_atrium, read_atrium, write_atrium
from .atrium import Surface
from .bivme_hearts import bivme_heart, bivme_hearts
from .build import build_heart
from .electrodes import place_electrodes
from .fibres import DOSTE_2019, POTSE_2006, FibreAngles
from .formats import FileOptions, read_any_heart
from .gate import GateLimits, gate
from .heart import ELECTRODES, SURFACES, Heart, VentricularCoordinates
from .io import read_heart, write_heart
from .label_map import LabelMap, read_label_map, write_label_map
from .laplace import Laplacian, conjugate_gradients
from .library import load_heart
from .measures import HeartMeasures, measure
from .opencarp import write_opencarp
from .pose import apply_pose, in_body_axes, sample_electrodes, sample_pose
from .sample import sample_hearts
from .seating import seat_heart
from .segments import SEGMENT_NAMES
from .shape_model import fit_shape_model
from .slices import label_at_nodes
from .stack import label_map_mesh
from .stuffing import tetrahedralise
from .surface_files import read_surface
from .template import TemplateMorph
from .tetwild import tetrahedralise_tetwild
from .thorax import fit_thorax
from .torso import Torso, fit_torso
from .torso_files import read_electrodes, read_torso
from .transfer import match, transfer

__all__ = [
    "DOSTE_2019",
    "ELECTRODES",
    "POTSE_2006",
    "SEGMENT_NAMES",
    "SURFACES",
    "FibreAngles",
    "FileOptions",
    "GateLimits",
    "Heart",
    "HeartMeasures",
    "LabelMap",
    "Laplacian",
    "Surface",
    "TemplateMorph",
    "Torso",
    "VentricularCoordinates",
    "apply_pose",
    "bivme_heart",
    "bivme_hearts",
    "build_atrium",
    "build_heart",
    "conjugate_gradients",
    "fit_shape_model",
    "fit_thorax",
    "fit_torso",
    "gate",
    "in_body_axes",
    "label_at_nodes",
    "label_map_mesh",
    "load_atrium",
    "load_heart",
    "match",
    "measure",
    "place_electrodes",
    "read_any_heart",
    "read_atrium",
    "read_electrodes",
    "read_heart",
    "read_label_map",
    "read_surface",
    "read_torso",
    "sample_electrodes",
    "sample_hearts",
    "sample_pose",
    "seat_heart",
    "tetrahedralise",
    "tetrahedralise_tetwild",
    "transfer",
    "write_atrium",
    "write_heart",
    "write_label_map",
    "write_opencarp",
]
