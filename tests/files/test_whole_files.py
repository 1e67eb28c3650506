"""Files appear whole or not at all, and failures name the file that was wanted."""

import errno

import pytest

from cardiotwin.files.whole_files import whole_file


def test_file_appears_when_the_block_ends_and_not_before(tmp_path):
    wanted = tmp_path / "map.nii.gz"
    with whole_file(wanted) as part:
        part.write_text("new")
        assert part.name.endswith(".part.map.nii.gz")
        assert not wanted.exists()
    assert wanted.read_text() == "new"
    assert list(tmp_path.iterdir()) == [wanted]


def stop_half_way(path):
    path.write_text("half a hea")
    raise KeyboardInterrupt


def test_broken_off_block_leaves_the_old_file_and_nothing_else(tmp_path):
    wanted = tmp_path / "heart.vtu"
    wanted.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(wanted) as part:
        stop_half_way(part)
    assert wanted.read_text() == "old"
    assert list(tmp_path.iterdir()) == [wanted]


def test_full_disk_is_reported_with_the_file_wanted(tmp_path):
    with (
        pytest.raises(OSError, match=r"No space left.*heart\.vtu") as caught,
        whole_file(tmp_path / "heart.vtu") as part,
    ):
        raise OSError(errno.ENOSPC, "No space left on device", str(part))
    assert ".part." not in str(caught.value)


def test_folder_in_the_place_of_the_file_is_named(tmp_path):
    (tmp_path / "heart.vtu").mkdir()
    with (
        pytest.raises(IsADirectoryError, match=r"'.*/heart\.vtu'$"),
        whole_file(tmp_path / "heart.vtu") as part,
    ):
        part.write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["heart.vtu"]


def test_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(OSError, match=r"no such folder: .*nowhere"),
        whole_file(tmp_path / "nowhere" / "heart.vtu"),
    ):
        pass
