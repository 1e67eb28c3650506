"""Label maps from NIfTI: the same heart however a file is written, and what bad files are told."""

import gzip
import warnings
from dataclasses import replace

import nibabel
import numpy as np
import pytest

from cardiotwin.anatomy.electrodes import usual_axes
from cardiotwin.anatomy.label_map import (
    LabelMap,
    heart_directions,
    read_label_map,
    write_label_map,
)
from cardiotwin.anatomy.label_schemes import INFARCT, LV, MYOCARDIUM, NO_REFLOW, RV, SCHEMES
from cardiotwin.anatomy.parametric import ParametricHeart
from cardiotwin.anatomy.parametric_stack import parametric_stack

TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
#: ACDC's numbers for the codes 0 background, 1 left cavity, 2 wall, 3 right cavity.
ACDC = np.array([0, 3, 2, 1], np.uint8)
#: Volumes of counted voxels from float32 affines.
CLOSE = 1e-4


@pytest.fixture(scope="module")
def stack():
    return parametric_stack(pixel_mm=1.8, slice_mm=9.0)


@pytest.fixture(scope="module")
def infarcted(stack):
    """A left ventricle with a transmural lateral infarct and a core of no-reflow, no right one."""
    codes = np.where(stack.codes == RV, 0, stack.codes).astype(np.uint8)
    i, j, k = np.indices(codes.shape)
    middle = np.argwhere(codes == LV).mean(axis=0)
    wide = (codes == MYOCARDIUM) & (i < middle[0]) & (abs(j - middle[1]) < 12) & (k > 3)
    core = wide & (abs(j - middle[1]) < 4)
    codes[wide], codes[core] = INFARCT, NO_REFLOW
    return replace(stack, codes=codes)


@pytest.fixture
def save(tmp_path):
    """Function that writes an array and its affine in mm, x left, y back, z head."""

    def write(labels, affine_mm, name="map.nii.gz", **fields):
        image = nibabel.Nifti1Image(labels, TO_RAS @ affine_mm)
        for field, value in fields.items():
            image.header[field] = value
        path = tmp_path / name
        nibabel.save(image, path)
        return path

    return write


@pytest.fixture
def acdc(save, stack):
    """Function that writes the stack as ACDC does, changed by keyword."""

    def write(change=lambda labels: labels, affine_mm=stack.affine_mm, **fields):
        return save(change(ACDC[stack.codes]), affine_mm, **fields)

    return write


def volumes(label_map):
    return [label_map.volume_ml(t) for t in ("lv_cavity", "myocardium", "rv_cavity")]


def fails(words, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((ValueError, OSError), match=words) as caught:
            read_label_map(path, **options)
    assert "\n" not in str(caught.value)
    assert "map" in str(caught.value)


def test_written_map_is_read_back(stack, tmp_path):
    write_label_map(stack, tmp_path / "a_gt.nii.gz")
    read = read_label_map(tmp_path / "a_gt.nii.gz")
    assert (read.name, read.oriented) == ("a_gt", True)
    np.testing.assert_array_equal(read.codes, stack.codes)
    np.testing.assert_allclose(read.affine_mm, stack.affine_mm, atol=1e-4)  # float32 in the file


def test_volumes_are_those_of_the_ellipsoids():
    """Truncated at b above the equator: pi a^2 (2c/3 + b - b^3 / 3c^2)."""
    heart = ParametricHeart()

    def volume_ml(a, c, b=heart.base_above_equator_mm):
        return np.pi * a**2 * (2 * c / 3 + b - b**3 / (3 * c**2)) / 1e3

    cavity = volume_ml(heart.lv_inner_radius_mm, heart.lv_inner_depth_mm)
    outer = volume_ml(
        heart.lv_inner_radius_mm + heart.lv_wall_mm, heart.lv_inner_depth_mm + heart.lv_wall_mm
    )
    fine = parametric_stack(pixel_mm=1.0, slice_mm=2.0)
    # Counted pixels of 1 mm on an outline of 160 mm miss by about sqrt(160) mm2 of 2000.
    assert fine.volume_ml("lv_cavity") == pytest.approx(cavity, rel=0.006)
    assert fine.volume_ml("myocardium") == pytest.approx(outer - cavity, rel=0.006)


@pytest.mark.parametrize("scheme", ["acdc", "mnms"])
def test_auto_finds_the_scheme(scheme, stack, tmp_path):
    write_label_map(stack, tmp_path / "map.nii", labels=scheme)
    for labels in ("auto", scheme, SCHEMES[scheme]):
        read = read_label_map(tmp_path / "map.nii", labels=labels)
        np.testing.assert_array_equal(read.codes, stack.codes)


def test_auto_finds_emidec(infarcted, tmp_path):
    write_label_map(infarcted, tmp_path / "map.nii", labels="emidec")
    np.testing.assert_array_equal(read_label_map(tmp_path / "map.nii").codes, infarcted.codes)


def test_emidec_without_no_reflow_is_not_taken_for_mnms(infarcted, tmp_path):
    codes = np.where(infarcted.codes == NO_REFLOW, INFARCT, infarcted.codes).astype(np.uint8)
    write_label_map(replace(infarcted, codes=codes), tmp_path / "map.nii", labels="emidec")
    assert read_label_map(tmp_path / "map.nii").where("infarct").any()


def test_labels_of_no_scheme_are_advised_by_their_places(acdc):
    path = acdc(lambda labels: np.array([0, 5, 7, 9], np.uint8)[labels])
    fails(r"labels 5, 7, 9 fit none of .*labels 5=rv_cavity,7=myocardium,9=", path)
    mapping = {5: "rv_cavity", 7: "myocardium", 9: "lv_cavity"}
    assert read_label_map(path, labels=mapping).where("rv_cavity").any()


def test_swapped_labels_are_detected(stack, tmp_path):
    write_label_map(stack, tmp_path / "map.nii", labels="mnms")
    words = "outline; label 1 looks like the lv_cavity: pass labels='mnms'"
    fails(words, tmp_path / "map.nii", labels="acdc")


def test_a_strange_label_is_not_dropped_in_silence(acdc):
    def stray(labels):
        labels[0, 0, 0] = 8
        return labels

    path = acdc(stray)
    fails("labels 8 have no meaning", path, labels="acdc")
    mapping = {**SCHEMES["acdc"], 8: "background"}
    assert volumes(read_label_map(path, labels=mapping)) == pytest.approx(
        volumes(read_label_map(acdc(lambda x: x))), rel=CLOSE
    )


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("name", ["map.nii", "map.nii.gz"])
def test_type_and_packing_do_not_matter(dtype, name, stack, save):
    path = save(ACDC[stack.codes].astype(dtype), stack.affine_mm, name=name)
    np.testing.assert_array_equal(read_label_map(path).codes, stack.codes)


def test_slope_and_offset_of_the_file_count(stack, tmp_path):
    """Stored 10, 14, 18, 22 for the labels 0 to 3."""
    image = nibabel.Nifti1Image((4 * ACDC[stack.codes] + 10).astype(np.int16), TO_RAS)
    image.header.set_zooms(stack.voxel_mm)
    image.header.set_sform(TO_RAS @ stack.affine_mm, 1)
    image.header.set_slope_inter(0.25, -2.5)
    raw = image.header.copy()
    path = tmp_path / "map.nii"
    with path.open("wb") as file:
        raw.set_data_offset(352)
        raw.write_to(file)
        file.write(image.get_fdata().astype("<i2").tobytes(order="F"))
    np.testing.assert_array_equal(read_label_map(path).codes, stack.codes)


@pytest.mark.parametrize(("code", "factor"), [(1, 1e-3), (3, 1e3)])
def test_metres_and_micrometres_are_converted(acdc, stack, code, factor):
    affine = np.diag([factor, factor, factor, 1]) @ stack.affine_mm
    read = read_label_map(acdc(affine_mm=affine, xyzt_units=code))
    assert volumes(read) == pytest.approx(volumes(stack), rel=CLOSE)


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 2, 0), (1, 0, 2)])
@pytest.mark.parametrize("flips", [(), (0,), (2,), (0, 1, 2)])
def test_axes_in_any_order_and_direction_are_the_same_heart(order, flips, stack, save):
    """Left-handed files among them; every voxel keeps its place in the body."""
    labels, affine = ACDC[stack.codes], stack.affine_mm.copy()
    for axis in flips:
        affine[:3, 3] += affine[:3, axis] * (labels.shape[axis] - 1)
        affine[:3, axis] *= -1
        labels = np.flip(labels, axis)
    read = read_label_map(save(labels.transpose(order), affine[:, [*order, 3]]))
    assert read.oriented
    assert volumes(read) == pytest.approx(volumes(stack), rel=CLOSE)
    for ours, theirs in zip(heart_directions(read), heart_directions(stack), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_qform_counts_without_sform(stack, tmp_path):
    image = nibabel.Nifti1Image(ACDC[stack.codes], None)
    image.header.set_zooms(stack.voxel_mm)
    image.set_qform(TO_RAS @ stack.affine_mm, 1)
    image.set_sform(None, 0)
    nibabel.save(image, tmp_path / "map.nii")
    read = read_label_map(tmp_path / "map.nii")
    np.testing.assert_allclose(read.affine_mm, stack.affine_mm, atol=1e-3)  # float32 quaternion


@pytest.mark.parametrize("qform_code", [0, 1])
def test_acdc_sform_without_sizes_takes_those_of_pixdim(qform_code, stack, tmp_path):
    """The files of ACDC: a sform of -1, -1, 1, the voxel sizes in pixdim and the qform alone."""
    image = nibabel.Nifti1Image(ACDC[stack.codes], None)
    image.header.set_zooms(stack.voxel_mm)
    image.header.set_qform(TO_RAS @ np.diag([*stack.voxel_mm, 1]), qform_code)
    image.header.set_sform(TO_RAS, 1)
    nibabel.save(image, tmp_path / "map.nii")
    with pytest.warns(UserWarning, match="map") as told:
        read = read_label_map(tmp_path / "map.nii")
    assert "1 x 1 x 1 by the affine, 1.8 x 1.8 x 9 by pixdim" in str(told[0].message)
    assert "the frame is not that of a body" in str(told[1].message)
    assert volumes(read) == pytest.approx(volumes(stack), rel=CLOSE)


def test_heart_without_orientation_is_turned_as_hearts_lie(stack, acdc):
    with pytest.warns(UserWarning, match="lies along the axes of the image"):
        read = read_label_map(acdc(affine_mm=np.diag([*stack.voxel_mm, 1])))
    assert not read.oriented
    axes, middle_mm = heart_directions(read)
    np.testing.assert_allclose(axes, usual_axes(), atol=1e-5)
    np.testing.assert_allclose(middle_mm, 0, atol=1e-3)


def test_left_ventricle_without_orientation_has_its_septum_where_images_show_it(infarcted, save):
    labels = np.array([0, 1, 2, 0, 3, 4], np.uint8)[infarcted.codes]
    path = save(labels, np.diag([*infarcted.voxel_mm, 1]))
    with pytest.warns(UserWarning, match="septum taken to be at the low end of the first voxel"):
        read = read_label_map(path)
    to_low_end = -read.affine_mm[:3, 0] / read.voxel_mm[0]
    np.testing.assert_allclose(to_low_end, usual_axes()[1], atol=1e-5)


def test_crescents_at_the_base_do_not_look_out_of_order(acdc):
    """Rings cut to halves in the second and fourth slice, areas up and down."""

    def cut(labels):
        for k in (1, 3):
            plane = labels[:, :, k]
            half = np.indices(plane.shape)[0] > np.argwhere(plane == 3)[:, 0].mean()
            plane[half & (plane != 1)] = 0
        return labels

    assert read_label_map(acdc(cut), labels="acdc").where("lv_cavity").any()


def test_heart_upside_down_is_turned_with_its_tilt_named(stack, acdc):
    turn = np.diag([1.0, -1.0, -1.0, 1.0])
    with pytest.warns(UserWarning, match=r"its apex points 1\d\d and its septum"):
        assert not read_label_map(acdc(affine_mm=turn @ stack.affine_mm)).oriented


def test_a_frame_is_chosen_from_time_series(stack, save):
    series = np.stack([0 * ACDC[stack.codes], ACDC[stack.codes]], axis=-1)
    path = save(series, stack.affine_mm)
    np.testing.assert_array_equal(read_label_map(path, frame=1).codes, stack.codes)
    fails("4D with 2 frames; choose one with frame=0 to frame=1", path)
    fails("frame must be 0 to 1, got 2", path, frame=2)
    fails("every voxel is 0", path, frame=0)


def test_one_frame_needs_no_choice(stack, save):
    path = save(ACDC[stack.codes][..., None], stack.affine_mm)
    np.testing.assert_array_equal(read_label_map(path).codes, stack.codes)


def test_missing_empty_and_cut_files_are_told_apart(acdc, tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_label_map(tmp_path / "none.nii")
    (tmp_path / "map.nii").touch()
    fails("is empty", tmp_path / "map.nii")
    (tmp_path / "map.nii").write_text("no image\n" * 100)
    fails("is not a single-file NIfTI", tmp_path / "map.nii")
    whole = acdc().read_bytes()
    (tmp_path / "map.nii.gz").write_bytes(whole[: len(whole) // 2])
    fails("is cut short or damaged", tmp_path / "map.nii.gz")
    (tmp_path / "map.nii").write_bytes(gzip.decompress(whole)[:-1000])
    fails("is cut short: [0-9]+ bytes of [0-9]+", tmp_path / "map.nii")


def test_images_and_probabilities_are_refused(stack, save):
    path = save(ACDC[stack.codes].astype(np.float32) * 0.37, stack.affine_mm)
    fails("holds 0.74; labels are whole numbers", path)
    values = np.arange(stack.codes.size, dtype=np.int16).reshape(stack.codes.shape) % 500
    fails("looks like an image", save(values, stack.affine_mm))
    path = save(np.full(stack.codes.shape, np.nan, np.float32), stack.affine_mm)
    fails("holds nan; labels are whole", path)


def test_too_few_slices_are_refused(stack, acdc, save):
    fails("only 1 of 1 slices hold the left", acdc(lambda x: x[:, :, 3:4]), labels="acdc")
    flat = save(ACDC[stack.codes][:, :, 3], stack.affine_mm)
    fails("a label map is a stack of slices", flat)


def test_missing_tissues_are_named(acdc):
    path = acdc(lambda labels: np.where(labels == 3, 0, labels).astype(np.uint8))
    fails(r"no voxel is lv_cavity \(label 3\); the map holds 1, 2", path, labels="acdc")
    path = acdc(lambda labels: np.where(labels == 2, 0, labels).astype(np.uint8))
    fails(r"no voxel is myocardium \(label 2\)", path, labels="acdc")


def test_cavity_out_of_its_wall_is_refused(acdc):
    def drawn_apart(labels):
        moved = np.roll(np.where(labels == 3, 3, 0), 60, axis=0)
        return np.where(moved == 3, 3, np.where(labels == 3, 0, labels)).astype(np.uint8)

    fails(
        "the myocardium touches only .*% of the lv_cavity's outline",
        acdc(drawn_apart),
        labels="acdc",
    )


def test_slices_out_of_order_are_named(acdc):
    def swap(labels):
        labels[:, :, [2, 8]] = labels[:, :, [8, 2]]
        return labels

    fails(r"slices \[2, 8\] look out of order", acdc(swap))


def test_shuffled_slices_are_refused(acdc, stack):
    order = np.random.default_rng(1).permutation(stack.codes.shape[2])
    fails("look out of order", acdc(lambda labels: labels[:, :, order]))


def test_slice_of_another_place_is_named(acdc):
    fails("slice 4 lies .* mm off", acdc(lambda x: _moved(x, 4, 25)))


def _moved(labels, k, pixels):
    labels[:, :, k] = np.roll(labels[:, :, k], pixels, axis=1)
    return labels


def test_identical_slices_are_refused(acdc):
    fails("all alike", acdc(lambda labels: np.repeat(labels[:, :, 3:4], 10, axis=2)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a @ [[1, 0.3, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "is sheared"),
        (lambda a: a @ np.diag([1, 0, 1, 1]), "affine is singular"),
        (lambda a: a @ [[1, 1, 0, 0], [0, 1e-9, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "is singular"),
        (lambda a: a * [np.nan, 1, 1, 1], "not finite"),
        (lambda a: np.diag([1e-3, 1e-3, 1e-3, 1]) @ a, "looks like metres: multiply by 1000"),
        (lambda a: np.diag([0.1, 0.1, 0.1, 1]) @ a, "looks like centimetres: multiply by 10"),
        (lambda a: np.diag([1e3, 1e3, 1e3, 1]) @ a, "looks like micrometres"),
        (lambda a: a @ np.diag([1, 1, 0.2, 1]), "correct the distance between slices"),
    ],
)
def test_impossible_affines_are_refused(change, words, stack, tmp_path):
    image = nibabel.Nifti1Image(ACDC[stack.codes], None)
    image.header.set_sform(TO_RAS @ change(stack.affine_mm), 1)
    path = tmp_path / "map.nii"
    nibabel.save(image, path)
    fails(words, path)


def test_wrong_options_are_named(acdc):
    fails_ = pytest.raises(
        ValueError, match="labels must be auto, acdc, emidec, mnms or 1=rv_cavity,2="
    )
    with fails_:
        read_label_map(acdc(), labels="ACDC2")
    fails("no tissue is called 'lv'", acdc(), labels={1: "lv"})


def test_a_map_that_is_no_stack_cannot_be_made(stack):
    with pytest.raises(ValueError, match="codes must be below 6, got 9"):
        LabelMap(name="x", codes=np.full((2, 2, 2), 9, np.uint8), affine_mm=stack.affine_mm)
    with pytest.raises(ValueError, match=r"must be \(i, j, k\) uint8"):
        LabelMap(name="x", codes=np.zeros((2, 2), np.uint8), affine_mm=stack.affine_mm)


@pytest.mark.parametrize("name", ["map.nii", "map.nii.gz"])
def test_damaged_files_give_a_map_or_one_line(name, stack, tmp_path, survives):
    small = replace(stack, codes=stack.codes[10:-10:2, 10:-10:2])
    small.affine_mm[:3, :2] *= 2
    path = tmp_path / name
    write_label_map(small, path)

    def read():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read_label_map(path)

    def is_map(result):
        assert result.codes.max() <= NO_REFLOW
        assert np.isfinite(result.affine_mm).all()

    survives(read, path, check=is_map, named="map", examples=150)


def test_the_degenerate_map_of_biv_me_is_refused(data_folder):
    fails_ = pytest.raises(ValueError, match=r"SAX_3d_1: labels 1, 2, 3, 4 fit none of")
    with fails_:
        read_label_map(data_folder / "hearts/bivme_patient1/SAX_3d_1.nii.gz")
