"""Damage what is no photograph: masks, lists, manifests, indexes, shards, models; count what must never happen.

    python scripts/fuzz/others.py [--count 900] [--seed 0] [--keep FOLDER]

Each kind of file is made whole, damaged, and read by the command or function that people read it with. Allowed are a
refusal, and a result; of shards with their index only the very pictures that were packed, of a model with its checksums
none. Else as pictures.py.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from mutations import damage_bytes, damage_pieces, damage_text
from PIL import Image
from samples import SIDE_PX, pictures_of_all_formats
from verdicts import machine, run_command, tell_counts, watched

from splpaint.datasets import open_pictures, write_shards
from splpaint.model_folder import CHECKSUMS_FILE, checksums_of
from splpaint.networks.checkpoints import load_model, save_model
from tests.small_model import SMALL, small_generator
from tests.stand_in_model import write_stand_in

PICTURES = 6
OUTPUTS = {"out.png", "out.csv", "out.flist"}
Damage = Callable[[bytes, random.Random], bytes]


class Kind(NamedTuple):
    """A kind of input.

    Attributes:
        file: The one that is damaged, within the folder of all.
        damage: How.
        read: Reads it, in that folder; an error other than ours tells what it gave that it should not.
    """

    file: str
    damage: Damage
    read: Callable[[Path], None]


def main() -> None:
    """Print what went wrong, and how often what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=900, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the damage")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that went wrong")
    options = parser.parse_args()

    print(machine(options.seed))
    chosen, counts = random.Random(options.seed), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        whole, used = Path(place) / "whole", Path(place) / "used"
        make_all(whole)
        for number in range(options.count):
            name = sorted(KINDS)[number % len(KINDS)]
            kind = KINDS[name]
            shutil.copytree(whole, used)
            damaged = kind.damage((whole / kind.file).read_bytes(), chosen)
            (used / kind.file).write_bytes(damaged)
            before = set(used.rglob("*"))
            refused, faults = watched(partial(kind.read, used), spoken=True)
            strange = [path.name for path in set(used.rglob("*")) - before if path.name not in OUTPUTS]
            faults += [f"files: {strange}"] if strange else []
            faults = [fault for fault in faults if not fault.startswith(f"stderr: {used}")]
            counts[f"{name} {'refused' if refused else 'done'}"] += 1
            for fault in faults:
                counts[fault.partition(":")[0]] += 1
                print(f"{number} {name}: {fault}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    kept = options.keep / f"{options.seed}-{number}-{name}{Path(kind.file).suffix}"
                    kept.write_bytes(damaged)
            shutil.rmtree(used)
    tell_counts(counts)


def make_all(folder: Path) -> None:
    """One of each kind, whole."""
    (folder / "pictures").mkdir(parents=True)
    (folder / "masks").mkdir()
    for number in range(PICTURES):
        pixels = np.random.default_rng(number).integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{number}.png")
        Image.fromarray(np.where(pixels[..., 0] > 200, 255, 0).astype(np.uint8)).save(
            folder / "masks" / f"{number}.png"
        )
    for kind in ("pictures", "masks"):
        names = "".join(f"{kind}/{number}.png\n" for number in range(PICTURES))
        (folder / f"{kind}.flist").write_text(names)
    np.save(folder / "index.npy", np.arange(PICTURES))
    write_shards(folder / "pictures", folder / "shards", shard_bytes=40_000)
    run_command(
        "pairs",
        "make",
        "--images",
        folder / "pictures",
        "--masks",
        "thin",
        "--seed",
        "0",
        "-o",
        folder / "pairs.csv",
    )
    for name in ("plain", "sealed"):
        write_stand_in(folder / name, working_size_px=64)
    (folder / "sealed" / CHECKSUMS_FILE).write_bytes(checksums_of(folder / "sealed"))
    save_model(folder / "weights", small_generator(), SMALL, name="small")
    (folder / "weights" / CHECKSUMS_FILE).unlink()


def paint(folder: Path, *options: object) -> None:
    """The first picture."""
    run_command("paint", folder / "pictures" / "0.png", *options, "-o", folder / "out.png")


def paint_with(model: str) -> Callable[[Path], None]:
    """By a model of the folder."""
    return lambda folder: paint(folder, "--box", "4,4,20,16", "--model", folder / model)


def paint_sealed(folder: Path) -> None:
    """By the model with checksums, if it says that it is whole."""
    same = checksums_of(folder / "sealed") == (folder / "sealed" / CHECKSUMS_FILE).read_bytes()
    paint_with("sealed")(folder)
    if not same:
        raise ValueError("it painted with a model whose checksums are wrong")


def read_shards(folder: Path) -> None:
    """All pictures, which must be those that were packed."""
    source = open_pictures(folder / "shards")
    got = [source.read(number).data for number in range(len(source))]
    packed = [(folder / "pictures" / f"{number}.png").read_bytes() for number in range(PICTURES)]
    if got != packed:
        raise ValueError(f"{len(got)} pictures, of which {len(set(got) & set(packed))} were packed")


def damage_picture(data: bytes, chosen: random.Random) -> bytes:
    """Another picture than the one that is there, damaged."""
    name = chosen.choice(sorted(MASKS))
    if chosen.random() < 0.5:
        return damage_pieces(MASKS[name], data, chosen)
    return damage_bytes(MASKS[name], chosen)


def damage_network(data: bytes, chosen: random.Random) -> bytes:
    """Bytes, or an operation, a name, a size or a number that the network is made of."""
    if chosen.random() < 0.5:
        return damage_bytes(data, chosen)
    network = onnx.load_from_string(data)
    graph = network.graph
    node, tensor = chosen.choice(graph.node), chosen.choice(graph.initializer)
    ends = chosen.choice([*graph.input, *graph.output])
    act = chosen.randrange(6)
    if act == 0:
        node.op_type = chosen.choice(("Sin", "Conv", "Transpose", "Shape", "Concat", "NonZero", "Nothing"))
    elif act == 1:
        node.input[0] = chosen.choice((*(each.name for each in graph.initializer), "image", "hole", ""))
    elif act == 2:
        graph.node.remove(node)
    elif act == 3:
        dim = chosen.choice(ends.type.tensor_type.shape.dim)
        dim.Clear()
        dim.dim_value = chosen.choice((0, 1, 2, 64, 65, -1, 1 << 40))
    elif act == 4:
        ends.type.tensor_type.elem_type = chosen.randrange(20)
    else:
        tensor.dims.append(chosen.choice((0, 1, 2, 1 << 40)))
    return bytes(network.SerializeToString())


def import_pairs(folder: Path) -> None:
    """By the damaged index."""
    run_command(
        *("pairs", "import", "--images", folder / "pictures.flist", "--masks", folder / "masks.flist"),
        *("--index", folder / "index.npy", "-o", folder / "out.csv"),
    )


def load_weights(folder: Path) -> None:
    """As training and torch do."""
    load_model(folder / "weights")


MASKS = dict(pictures_of_all_formats())
KINDS = {
    "mask": Kind(
        "masks/0.png", damage_picture, lambda folder: paint(folder, "--mask", folder / "masks" / "0.png")
    ),
    "masks-folder": Kind(
        "masks/0.png", damage_picture, lambda folder: run_command("masks", "stats", folder / "masks")
    ),
    "mask-list": Kind(
        "masks.flist", damage_text, lambda folder: run_command("masks", "stats", folder / "masks.flist")
    ),
    "picture-list": Kind(
        "pictures.flist",
        damage_text,
        lambda folder: run_command("data", "flist", folder / "pictures.flist", "-o", folder / "out.flist"),
    ),
    "manifest": Kind(
        "pairs.csv", damage_text, lambda folder: run_command("pairs", "check", folder / "pairs.csv")
    ),
    "index": Kind("index.npy", damage_bytes, import_pairs),
    "shard": Kind("shards/pictures-000000.tar", damage_bytes, read_shards),
    "shard-index": Kind("shards/pictures-000000.tar.index.json", damage_text, read_shards),
    "shard-list": Kind("shards/shards.json", damage_text, read_shards),
    "model-config": Kind("plain/config.json", damage_text, paint_with("plain")),
    "model-network": Kind("plain/model.onnx", damage_network, paint_with("plain")),
    "model-sealed": Kind("sealed/model.onnx", damage_network, paint_sealed),
    "model-sealed-config": Kind("sealed/config.json", damage_text, paint_sealed),
    "model-checksums": Kind("sealed/SHA256SUMS", damage_text, paint_with("sealed")),
    "model-weights": Kind("weights/model.safetensors", damage_bytes, load_weights),
    "model-weights-config": Kind("weights/config.json", damage_text, load_weights),
}


if __name__ == "__main__":
    main()
