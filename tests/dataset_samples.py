"""Small datasets laid out like the real ones, with the broken files that real folders hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def photograph(number: int, width: int = 64, height: int = 48) -> Image.Image:
    """A picture of soft colours that looks like no other number's."""
    small = np.random.default_rng(number).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def save(image: Image.Image, path: Path) -> Path:
    """Save with the folder made, in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def paris(root: Path, *, train: int = 6, evaluation: int = 3) -> Path:
    """``paris_train_original`` and ``paris_eval/paris_eval_gt``, beside it the corrupted pictures."""
    for number in range(train):
        save(photograph(number, 93, 54), root / "paris_train_original" / f"{number:03}_49.38_2.43.JPG")
    for number in range(evaluation):
        save(photograph(100 + number), root / "paris_eval" / "paris_eval_gt" / f"{number + 1:03}_im.png")
        save(
            photograph(200 + number), root / "paris_eval" / "paris_eval_corrupted" / f"{number + 1:03}_im.png"
        )
    return root


def places2(root: Path) -> Path:
    """The easy directory structure: ``train/<category>`` and ``val/<category>``."""
    for part, start in (("train", 0), ("val", 50)):
        for number, category in enumerate(("airfield", "alley", "zen_garden")):
            name = f"{number + 1:08}.jpg"
            save(photograph(start + number, 256, 256), root / "places365_standard" / part / category / name)
    return root


def celeba(root: Path, *, pictures: int = 9) -> Path:
    """``img_align_celeba`` and ``Eval/list_eval_partition.txt``."""
    lines = []
    for number in range(1, pictures + 1):
        save(photograph(number, 178, 218), root / "img_align_celeba" / f"{number:06}.jpg")
        lines.append(f"{number:06}.jpg {(number - 1) * 3 // pictures}\n")
    (root / "Eval").mkdir()
    (root / "Eval" / "list_eval_partition.txt").write_text("".join(lines), "utf-8")
    return root


def odd_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files as they turn up in real folders: (those that can be read, those that cannot)."""
    good = [
        save(photograph(1).convert("CMYK"), folder / "cmyk.jpg"),
        save(photograph(2).convert("L"), folder / "grey.png"),
        save(photograph(3).convert("P"), folder / "palette.png"),
        save(photograph(4), folder / "Großer Platz, Nr. 1.webp"),
        save(photograph(5), folder / "sub" / "deeper" / "e.TIFF"),
    ]
    misnamed = folder / "a jpeg.png"
    photograph(6).save(misnamed, "JPEG")
    whole = save(photograph(7), folder / "whole.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "whole.jpg").unlink()
    (folder / "nothing.png").touch()
    (folder / "text.jpg").write_text("<html>404 Not Found</html>", "utf-8")
    frames = [photograph(number) for number in (8, 9, 10)]
    frames[0].save(folder / "animated.webp", save_all=True, append_images=frames[1:])
    bad = [folder / name for name in ("animated.webp", "nothing.png", "text.jpg", "truncated.jpg")]
    (folder / "readme.txt").write_text("not a picture by its name", "utf-8")
    return [*good, misnamed], bad


def masks(folder: Path, *, count: int, white_known: bool = False, side_px: int = 64) -> Path:
    """Irregular masks as PNG files of one bit."""
    from splpaint.masks.kinds.irregular import irregular_mask

    for index in range(count):
        hole = irregular_mask(seed=11, index=index, height=side_px, width=side_px)
        save(Image.fromarray(~hole if white_known else hole), folder / f"{index:05}.png")
    return folder
