"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

from splpaint.locks import only_writer
from splpaint.training.checkpoint import CHECKPOINT_FILE
from splpaint.training.config import TrainingConfig
from splpaint.training.display import Display, say
from splpaint.training.log import RunLog
from splpaint.training.processes import Processes
from splpaint.training.start import Run, open_run

__all__ = ["learn", "train", "train_phases"]

_LOG_EVERY_STEPS = 20


def train(
    config: TrainingConfig,
    *,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    wording: Callable[[str], str] = str,
) -> Path:
    """Train a generator, alone or together with the processes that a launcher has started; returns the run's folder.

    The folder holds ``config.json``, ``log.jsonl``, ``checkpoint.pt``, ``checkpoints/`` (the last ones and the best),
    ``samples/``, ``latest/`` (the model at the last validation) and ``model/`` (at the best one; without validation
    photographs, at the end); also ``unreadable.txt``, if photographs could not be decoded.

    Args:
        config: The whole run.
        resume: Continue from the folder's checkpoint.
        stop: Asked after every step; once true, the run saves its state and ends.
        wording: Turns lines for the user, in which parameters have backquotes, into the words that are shown.

    Raises:
        InputError: No photographs, more than 1 % of them cannot be decoded, the folder holds a run and ``resume`` is
            off, another training is writing to it, or the recipe does not suit the number of processes.
        ModelError: A checkpoint or weights are missing or do not fit.
        NonFiniteLossError: The loss is NaN or infinite; the last checkpoint is kept.
    """
    return train_phases([config], resume=resume, stop=stop, wording=wording)


def train_phases(
    configs: Sequence[TrainingConfig],
    *,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    wording: Callable[[str], str] = str,
) -> Path:
    """Train a generator in phases, one run after the other; returns the folder of the last.

    ``stop`` and ``run.max_minutes`` end the whole, which ``resume`` continues in the phase that it had come to.

    Args:
        configs: The phases, as ``load_phases`` gives them.
        resume: Continue from the last checkpoint.
        stop: As for ``train``.
        wording: As for ``train``.

    Raises:
        InputError: As by ``train``; the other errors, too.
    """
    start_s = time.monotonic()
    processes = Processes(configs[0].run.device)
    out = configs[-1].run.out
    checkpoints = [config.run.out / CHECKPOINT_FILE for config in configs]
    resume = processes.from_first(resume or any(map(processes.restarted_after, checkpoints)))
    begun = processes.from_first([number for number, file in enumerate(checkpoints) if file.exists()])
    first = max(begun, default=0) if resume else 0
    for number, config in enumerate(configs[first:], first):
        out = config.run.out
        if len(configs) > 1 and processes.first:
            say(f"phase {number + 1} of {len(configs)}, in {out}")
        with only_writer(out, doing="training") if processes.first else nullcontext():
            run = open_run(
                config,
                processes,
                resume=resume and number == first,
                say=say if processes.first else _say_nothing,
            )
            seen, shown = run.stepper.state.images_seen, processes.first
            with Display(run.total_images, seen, run.start_s, wording=wording, shown=shown) as display:
                ended = learn(
                    run._replace(start_s=start_s), display, stop=stop
                )  # run.max_minutes are the whole's
        if not ended:
            break
    processes.close()
    return out


def learn(run: Run, display: Display, *, stop: Callable[[], bool] = lambda: False) -> bool:
    """Take the steps that are left; log, save and validate on the way and at the end; returns whether it came there.

    Args:
        run: From ``open_run``.
        display: Shows the steps; within its ``with``.
        stop: Asked after every step; once true, the run saves its state and ends.

    Raises:
        InputError: More than 1 % of the photographs cannot be decoded.
        NonFiniteLossError: The loss is NaN or infinite; the last checkpoint is kept.
    """
    stepper, state, settings = run.stepper, run.stepper.state, run.config.run
    log = RunLog(run.config, stepper, run.pairs, say=display.say, writes=run.processes.first)
    elapsed_s, entered = state.elapsed_s, time.monotonic()
    checkpoint_due = _Every(60 * settings.checkpoint_minutes)
    with closing(run.samples) as samples:
        for batch in samples:
            if _validation_is_due(run):
                log.validate()
            for line in run.unreadable.add(run.processes.union(batch.unreadable)):
                display.say(f"cannot be decoded, the next one is taken: {line}")
            losses = stepper(batch)
            state.elapsed_s = elapsed_s + time.monotonic() - entered
            display.step(state.images_seen, partial(stepper.read, losses))
            over, stopped = run.processes.any(_is_over(run), stop())
            ends = over or stopped
            if ends or state.step % _LOG_EVERY_STEPS == 0:
                log.write(losses)
            if ends or checkpoint_due():
                log.save()
            if over:
                minutes = f"{settings.max_minutes:g}"
                display.say(f"run.max_minutes={minutes} are over; state saved, `resume=True` continues")
            if ends:
                return False
    if state.images_validated < state.images_seen:
        log.validate()
    return True


def _say_nothing(line: str) -> None:
    pass


def _validation_is_due(run: Run) -> bool:
    state, every = run.stepper.state, run.config.run.validate_images
    return state.images_seen // every > state.images_validated // every


def _is_over(run: Run) -> bool:
    limit = run.config.run.max_minutes
    return limit is not None and time.monotonic() - run.start_s >= 60 * limit


class _Every:
    """True when it is called for the first time in an interval, which then begins again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def __call__(self) -> bool:
        due = time.monotonic() - self._last > self._seconds
        if due:
            self._last = time.monotonic()
        return due
