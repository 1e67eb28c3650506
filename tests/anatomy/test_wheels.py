"""A download comes whole and checked, or not at all. No test here needs the network."""

import hashlib
import sys
import zipfile
from dataclasses import replace

import pytest

from cardiotwin.anatomy import datasets
from cardiotwin.anatomy.wheels import Wheel
from cardiotwin.files.fetching import fetch


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    return tmp_path / "cache"


@pytest.fixture
def small_wheel(tmp_path, monkeypatch):
    """A wheel in a local folder, which pip is told to use, in place of Rodero's."""
    path = tmp_path / "index/small_heart-1.0-py3-none-any.whl"
    path.parent.mkdir()
    info = "small_heart-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("small/rodero_01_fullheart_2.0mm.vtu", "mesh")
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: small-heart\nVersion: 1.0\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(path.parent))
    source = Wheel(
        requirement="small-heart==1.0",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_kb=1,
        members=("small/rodero_01_fullheart_2.0mm.vtu",),
    )
    use(monkeypatch, source)
    return source


def use(monkeypatch, source):
    heart = replace(datasets.dataset("rodero01"), origin=source)
    monkeypatch.setattr(datasets, "DATASETS", (heart, datasets.dataset("dti004")))


def fetch_heart(name, **options):
    return fetch(datasets.dataset(name), **options)


def left_behind(cache):
    return [p.name for p in cache.rglob("*")] if cache.exists() else []


def test_a_fetched_heart_is_whole_and_reported(cache, small_wheel):
    seen = []
    folder = fetch_heart("rodero01", progress=lambda done, total: seen.append((done, total)))
    assert folder == cache / "hearts/rodero01" == datasets.find("rodero01")
    assert (folder / "rodero_01_fullheart_2.0mm.vtu").read_text() == "mesh"
    assert seen[-1] == (1, 1)
    assert sorted(left_behind(cache)) == ["hearts", "rodero01", "rodero_01_fullheart_2.0mm.vtu"]


def test_a_second_fetch_downloads_nothing(cache, small_wheel, monkeypatch):
    folder = fetch_heart("rodero01")
    use(monkeypatch, replace(small_wheel, sha256="0" * 64))  # a download would now be refused
    assert fetch_heart("rodero01") == folder


def test_another_file_than_expected_is_thrown_away(cache, small_wheel, monkeypatch):
    use(monkeypatch, replace(small_wheel, sha256="0" * 64))
    with pytest.raises(OSError, match=r"has sha256 .*expected 000000000000.*thrown away"):
        fetch_heart("rodero01")
    assert left_behind(cache) == ["hearts"]


def test_a_wheel_that_cannot_be_had_is_one_line(cache, small_wheel, monkeypatch):
    use(monkeypatch, replace(small_wheel, requirement="small-heart==2.0"))
    with pytest.raises(OSError, match=r"could not download small-heart==2.0.*offline") as error:
        fetch_heart("rodero01")
    assert "\n" not in str(error.value)
    assert left_behind(cache) == ["hearts"]


def test_a_python_without_pip_is_told_how_to_get_it(cache, small_wheel, monkeypatch, tmp_path):
    bare = tmp_path / "python"
    bare.write_text(f"#!/bin/sh\necho '{sys.executable}: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(OSError, match=r"needs pip; run .* -m ensurepip"):
        fetch_heart("rodero01")


def test_a_heart_without_a_source_says_where_to_get_it(cache):
    with pytest.raises(ValueError, match=r"dti004 cannot be fetched; get it from github.com"):
        fetch_heart("dti004")
