"""Hearts are found where they lie, and a heart that is missing says how to get it."""

import pytest

from cardiotwin.anatomy.datasets import dataset, datasets, find, locate


@pytest.fixture
def nothing_here(tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    return tmp_path


def put(root, name):
    folder = root / "hearts" / name
    folder.mkdir(parents=True)
    (folder / dataset(name).files[0]).touch()
    return folder


def test_every_heart_states_its_licence_and_source():
    for heart in datasets():
        assert heart.licence
        assert heart.citation
        assert heart.source


def test_an_unknown_name_lists_the_known_ones(nothing_here):
    with pytest.raises(ValueError, match=r"no heart is called 'heart9'; there are dti004, bivme"):
        locate("heart9")


def test_a_heart_in_the_cache_is_found(nothing_here):
    cached = put(nothing_here / "cache", "rodero01")
    assert locate("rodero01") == cached


def test_the_users_own_folder_goes_before_the_cache(nothing_here, monkeypatch):
    put(nothing_here / "cache", "rodero01")
    own = put(nothing_here / "own", "rodero01")
    monkeypatch.setenv("CARDIOTWIN_DATA", str(nothing_here / "own"))
    assert locate("rodero01") == own


def test_a_users_folder_without_the_heart_leaves_the_cache(nothing_here, monkeypatch):
    cached = put(nothing_here / "cache", "rodero01")
    put(nothing_here / "own", "dti004")
    monkeypatch.setenv("CARDIOTWIN_DATA", str(nothing_here / "own"))
    assert locate("rodero01") == cached


def test_an_empty_folder_is_not_a_heart(nothing_here):
    (nothing_here / "cache/hearts/rodero01").mkdir(parents=True)
    assert find("rodero01") is None


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("rodero01", "or run `cardiotwin data fetch rodero01`"), ("dti004", "has hearts/dti004")],
)
def test_a_missing_heart_says_what_would_bring_it(nothing_here, name, remedy):
    with pytest.raises(OSError, match=f"{name} is not on this machine.*{remedy}$"):
        locate(name)


def test_a_data_folder_that_does_not_exist_is_named(nothing_here, monkeypatch):
    monkeypatch.setenv("CARDIOTWIN_DATA", str(nothing_here / "typo"))
    with pytest.raises(OSError, match=r"CARDIOTWIN_DATA is '.*typo', which is not a folder"):
        locate("rodero01")
