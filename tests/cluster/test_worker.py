"""What a worker makes of a block, in this process; and what a rerun need not do again."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pyarrow
import pytest

from splpaint.cli.terminal import in_options
from splpaint.cluster.driver import _require_listening
from splpaint.cluster.manifest import Record, read_records, write_records
from splpaint.cluster.painting import _known_beforehand, _look_at, paint_on_cluster
from splpaint.cluster.plan import Plan, plan_pictures
from splpaint.cluster.storage import read_file, write_file
from splpaint.cluster.worker import Task, Worker, describe_task
from splpaint.errors import InputError, MissingExtraError, ModelError
from splpaint.inference import HoleRules, PaintOptions
from tests.cluster.conftest import files, painted_here, write_pictures

OPTIONS = PaintOptions(HoleRules(dilate=2), feather_px=2)


def _planned(place: Path, model: Path) -> tuple[Plan, Task]:
    plan = plan_pictures(str(place / "in"), str(place / "masks"), str(place / "out"))
    return plan, describe_task(plan, OPTIONS, model=str(model))


def _paint_all(plan: Plan, task: Task) -> dict[str, Record]:
    worker = Worker(task)
    return {picture.output: worker.paint(picture) for picture in plan.pictures}


def test_a_store_and_a_folder_get_what_a_folder_batch_makes(bucket: str, model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png", "sub/b.jpg", "broken.jpg"])
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no picture")
    here = painted_here(tmp_path, model, OPTIONS)
    for folder in ("in", "masks"):
        for name, data in files(tmp_path / folder).items():
            write_file(f"{bucket}/worker/{folder}/{name}", data)
    for place in (str(tmp_path), f"{bucket}/worker"):
        plan = plan_pictures(f"{place}/in", f"{place}/masks", f"{place}/out")
        records = _paint_all(plan, describe_task(plan, OPTIONS, model=str(model)))
        assert {name: read_file(f"{place}/out/{name}") for name in here} == here
        for name, data in here.items():
            found = records[name]
            assert (found.status, found.bytes, found.sha256) == (
                "painted",
                len(data),
                hashlib.sha256(data).hexdigest(),
            )
            assert found.painter.startswith("stand-in on OpenVINO CPU in ")
        assert records["broken.jpg"].status == "failed"
        assert records["broken.jpg"].error.startswith(f"{place}/in/broken.jpg is not a picture")


def test_a_rerun_takes_what_is_whole_from_the_manifest(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png", "b.png", "c.png", "unmarked.png"])
    (tmp_path / "masks" / "unmarked.png").unlink()
    plan, task = _planned(tmp_path, model)
    painted = _paint_all(plan._replace(pictures=plan.pictures[:3]), task)
    manifest = str(tmp_path / "out" / "manifest.csv")
    write_records(manifest, painted.values())
    records = list(paint_on_cluster(plan, task, address="none is needed"))
    assert [record.status for record in records] == ["kept", "kept", "kept", "missing"]
    assert list(read_records(manifest).values())[:3] == list(painted.values())

    (tmp_path / "out" / "a.png").unlink()
    (tmp_path / "out" / "b.png").write_bytes(b"other")
    (tmp_path / "masks").rename(tmp_path / "moved")
    plan = plan_pictures(str(tmp_path / "in"), str(tmp_path / "moved"), str(tmp_path / "out"))
    known, found = _known_beforehand(plan, read_records(manifest))
    assert list(known) == [3]  # the first is left to the workers
    looked_at = [record for _, record in _look_at(plan, found)]
    assert [(record.status, record.painter) for record in looked_at] == [
        ("kept", ""),
        ("kept", painted["c.png"].painter),
    ]
    assert looked_at[0].sha256 == hashlib.sha256(b"other").hexdigest()


def test_the_manifest_of_a_command_names_its_options(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png"])
    plan, task = _planned(tmp_path, model)
    (picture,) = plan.pictures
    plan = plan._replace(pictures=[picture._replace(trouble="is damaged; pass `accept_damaged=True`")])
    manifest = str(tmp_path / "out" / "manifest.csv")
    for in_words, said in ((str, "`accept_damaged=True`"), (in_options, "--accept-damaged")):
        (record,) = paint_on_cluster(plan, task, address="none is needed", in_words=in_words)
        assert record.error == "is damaged; pass `accept_damaged=True`"
        assert [each.error for each in read_records(manifest).values()] == [f"is damaged; pass {said}"]


def test_an_interrupted_run_keeps_what_earlier_runs_recorded(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png", "b.png"])
    plan, task = _planned(tmp_path, model)
    painted = list(_paint_all(plan, task).values())
    manifest = str(tmp_path / "out" / "manifest.csv")
    write_records(manifest, painted)
    records = paint_on_cluster(plan, task, address="none is needed")
    next(records)
    records.close()
    assert list(read_records(manifest).values()) == painted


def test_a_block_tells_of_pictures_as_they_are_done(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png", "b.png", "c.png"])
    plan, task = _planned(tmp_path, model)
    block = pyarrow.Table.from_pylist(
        [{"number": number, **picture._asdict()} for number, picture in enumerate(plan.pictures)]
    )
    told = [table["records"].to_pylist() for table in Worker(task, at_once=2)(block)]
    assert [[row["number"] for row in rows] for (rows,) in told] == [[0, 1], [2]]
    assert told[1][0][0]["output"] == "c.png"


@pytest.mark.parametrize("address", ["bogus", ":6379", "host:99999", "127.0.0.1:1"])
def test_addresses_that_lead_nowhere_are_refused(address: str) -> None:
    with pytest.raises(InputError, match=rf"must be local, auto, or the HOST:PORT of .*, got {address}"):
        _require_listening(address)


def test_what_is_there_without_a_record_is_kept_and_recorded(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png"])
    plan, task = _planned(tmp_path, model)
    first = _paint_all(plan, task)["a.png"]
    again = _paint_all(plan, task)["a.png"]
    assert again == first._replace(status="kept", seconds=0, painter="")
    assert _paint_all(plan, task._replace(overwrite=True))["a.png"].status == "painted"


def test_a_file_that_is_no_manifest_is_not_replaced(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png"])
    plan, task = _planned(tmp_path, model)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.csv").write_text("my,own\n1,2\n")
    with pytest.raises(InputError, match="must be the manifest of an earlier run"):
        list(paint_on_cluster(plan, task, address="none is needed"))
    assert (tmp_path / "out" / "manifest.csv").read_text() == "my,own\n1,2\n"


def test_if_ray_ends_too_early_it_is_said(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path, ["a.png"])
    plan, task = _planned(tmp_path, model)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(InputError, match=r"ended with the code 1 \(it said nothing\); run the same command"):
        list(paint_on_cluster(plan, task, address="local"))


def test_without_ray_it_is_said_what_to_install(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path, ["a.png"])
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"needs the module ray, .*'\.\[cluster\]'"):
        list(paint_on_cluster(*_planned(tmp_path, model), address="local"))


def test_a_machine_that_cannot_do_the_task_says_so(model: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path, ["a.png"])
    _, task = _planned(tmp_path, model)
    assert task.landmark == str(tmp_path / "in" / "a.png")
    with pytest.raises(InputError, match=r"must see the same files, got none at /nowhere.* on .*; mount"):
        Worker(task._replace(landmark="/nowhere/a.png"))
    with pytest.raises(InputError, match="must have the same splpaint"):
        Worker(task._replace(version="0.0.0"))
    with pytest.raises(ModelError, match="must have the same model"):
        Worker(task._replace(model_sha256="0" * 64))
