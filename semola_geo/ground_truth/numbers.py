"""The numbers behind each figure of a suite, as Markdown for a page that shows the figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean, median

from semola_geo.discovery import Verdict
from semola_geo.ground_truth.cell import task_named
from semola_geo.ground_truth.figures.absence import absent_directions, absent_runs
from semola_geo.ground_truth.figures.closure import CLOSED, closure_cells
from semola_geo.ground_truth.figures.output import ALLOWED, output_cells
from semola_geo.ground_truth.figures.rows import OUTCOMES, Cell, told
from semola_geo.ground_truth.information import angle_bound
from semola_geo.ground_truth.statistics import false_symmetry, rank_correlation, share_of

__all__ = ["numbers"]

_PROBE = (2000, 0.3)  # N and noise with which tasks are asked whether they have a bound
_BOUNDED = 0.01  # degrees
_STAGES = ("support", "spectrum", "change of the target")


def numbers(cells: Sequence[Cell]) -> dict[str, str]:
    """Return a list in Markdown per figure; figures that lack numbers are left out.

    Args:
        cells: Results of :func:`semola_geo.ground_truth.suite.run_suite`, as figures take them.
    """
    done = [cell for cell in cells if "error" not in cell]
    found = {}
    for name, lines_of in _LINES.items():
        lines = lines_of(told(done)) or lines_of(done)
        if lines:
            found[name] = "".join(f"- {line}\n" for line in lines)
    return found


def _hard(cells: Sequence[Cell]) -> list[str]:
    symmetric = [cell for cell in cells if cell["true_dimension"]]
    lines = []
    for noise, size in sorted({(cell["noise"], cell["size"]) for cell in symmetric}):
        own = [c for c in symmetric if (c["noise"], c["size"]) == (noise, size)]
        close = share_of(c["angle"] <= 1.0 for c in own if c["angle"] is not None)
        place = f"N = {size}, " + (f"noise {noise:g}" if noise else "no noise")
        lines.append(
            f"{place}: {_runs(own)}, {_ends(own)}; angle of at most 1° where the dimension is "
            f"right: {close}"
        )
    return lines


def _information(cells: Sequence[Cell]) -> list[str]:
    """Angles under noise beside those of an efficient estimator."""
    lines = []
    noisy = [cell for cell in cells if cell["noise"]]
    bounded = {name for name in {cell["task"] for cell in noisy} if _has_bound(name)}
    noisy = [cell for cell in noisy if cell["task"] in bounded]
    for noise, size in sorted({(cell["noise"], cell["size"]) for cell in noisy}):
        runs = [c for c in noisy if (c["noise"], c["size"]) == (noise, size)]
        own = [cell for cell in runs if cell["angle"] is not None]
        if not own:
            continue
        names = {cell["task"] for cell in own}
        bounds = {name: angle_bound(task_named(name), size, noise) for name in names}
        within = fmean(float((bounds[cell["task"]] <= 1.0).double().mean()) for cell in own)
        ratio = median(cell["angle"] / float(bounds[cell["task"]].median()) for cell in own)
        lines.append(
            f"N = {size}, noise {noise:g}, dimension right in {len(own)} of {len(runs)} runs: at "
            f"most 1° in {share_of(cell['angle'] <= 1.0 for cell in own)} of these, an efficient "
            f"estimator in {100 * within:.0f} %; angle over its median angle: median {ratio:.2f}"
        )
    return lines


def _has_bound(name: str) -> bool:
    """Whether labels limit the angle: not if data obey a constraint, or any h keeps the algebra."""
    task = task_named(name)
    if task.label is None or task.constraint is not None or not task.symmetry.dim:
        return False
    return float(angle_bound(task, *_PROBE).median()) > _BOUNDED


def _absence(cells: Sequence[Cell]) -> list[str]:
    lines = [f"{name}: {share}" for name, share in absent_directions(cells).items()]
    runs = absent_runs(cells)
    return lines + [f"runs, {name}: {share}" for name, share in runs.items()] if lines else []


def _intervals(cells: Sequence[Cell]) -> list[str]:
    """How often the truth lies outside of an interval, and on which side."""
    near: list[tuple[bool, bool]] = []
    broken: list[tuple[bool, bool]] = []
    for cell, entry in ((run, one) for run in cells for one in run["directions"]):
        (lower, upper), truth = entry["interval"], entry["true_violation"]
        if truth is None or lower != lower or entry["verdict"] == Verdict.UNTESTED:
            continue
        (broken if false_symmetry(cell, entry) else near).append((upper < truth, lower > truth))
    if not near:
        return []
    return [
        f"truth next to zero, upper bound below it: {share_of(low for low, _ in near)}",
        f"truth at least 2ε, upper bound below it: {share_of(low for low, _ in broken)}",
        f"truth at least 2ε, lower bound above it: {share_of(high for _, high in broken)}",
    ]


def _closure(cells: Sequence[Cell]) -> list[str]:
    own = closure_cells(cells)
    if not own:
        return []
    before = [cell["closure_defect"]["before"] for cell in own]
    after = [cell["closure_defect"]["after"] for cell in own]
    closed = [value < CLOSED for value in after]
    first = [value for value, yes in zip(before, closed, strict=True) if yes]
    lines = [
        f"{_runs(own)} whose last candidate had several generators; closed: {share_of(closed)}"
    ]
    if first:
        last = max(value for value in after if value < CLOSED)
        lines.append(
            f"of these, before: median {median(first):.2g}, largest {max(first):.2g}; after: "
            f"largest {last:.1g}"
        )
    return lines


def _output(cells: Sequence[Cell]) -> list[str]:
    own = output_cells(cells)
    held = [cell["output"] for cell in own if cell["output"]]
    if not held:
        return []
    return [
        f"{_runs(own)}: symmetry {_ends(own)}",
        "error of R at most 5 %, where a generator was found: "
        f"{share_of(entry['error'] <= ALLOWED for entry in held)}",
        f"named right, of the same: {share_of(entry['recognised'] for entry in held)}",
    ]


def _pooled(cells: Sequence[Cell]) -> list[str]:
    """Shares over all runs, and what verdicts cost."""
    right = [cell for cell in cells if cell["angle"] is not None]
    if not right:
        return []
    named = share_of(cell["name"] == cell["true_name"] for cell in right)
    quiet = share_of(cell["angle"] <= 1.0 for cell in right if not cell["noise"])
    lines = [
        f"name right where the dimension is: {named}",
        "angle of at most 1° where the dimension is right, all runs: "
        f"{share_of(cell['angle'] <= 1.0 for cell in right)}; without noise: {quiet}",
    ]
    laps = [cell.get("timing", {}) for cell in cells]
    timed = [lap for lap in laps if lap.get("teachers")]
    costs = [sum(lap.get(stage, 0.0) for stage in _STAGES) / lap["teachers"] for lap in timed]
    if costs:
        lines.append(
            "support and spectrum in units of the training of teachers: median "
            f"{100 * median(costs):.1f} %, largest {100 * max(costs):.0f} %, at most 10 % in "
            f"{share_of(cost <= 0.1 for cost in costs)}"
        )
    return lines


def _strength(cells: Sequence[Cell]) -> list[str]:
    """Measured strength of weak breaking beside the true one."""
    lines = []
    weak = [cell for cell in cells if cell.get("strength")]
    for noise, size in sorted({(cell["noise"], cell["size"]) for cell in weak}):
        own = [c["strength"] for c in weak if (c["noise"], c["size"]) == (noise, size)]
        place = f"N = {size}, " + (f"noise {noise:g}" if noise else "no noise")
        rank = rank_correlation([(entry["true"], entry["measured"]) for entry in own])
        ratio = median(entry["measured"] / entry["true"] for entry in own)
        line = f"{place}: {len(own)} runs, λ: rank correlation {_decimals(rank)}, "
        line += f"median of measured over true {ratio:.2f}"
        both = [(entry["true_change"], *entry["change"]) for entry in own if "change" in entry]
        if both:
            rank = rank_correlation([(true, found) for true, found, _, _ in both])
            ratios = sorted(found / true for true, found, _, _ in both)
            held = share_of(lower <= true <= upper for true, _, lower, upper in both)
            line += (
                f"; change of the target: rank correlation {_decimals(rank)}, measured over true "
                f"{ratios[0]:.3f} to {ratios[-1]:.3f}, true one inside of its bounds in {held}"
            )
        lines.append(line)
    return lines


def _decimals(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _ends(cells: Sequence[Cell]) -> str:
    counts = Counter(cell["outcome"] for cell in cells)
    return ", ".join(f"{end} {counts[end]}" for end, _, _ in OUTCOMES)


def _runs(cells: Sequence[Cell]) -> str:
    tasks, seeds = {cell["task"] for cell in cells}, sorted({cell["seed"] for cell in cells})
    return f"{len(cells)} runs ({len(tasks)} tasks, seeds {', '.join(map(str, seeds))})"


_LINES: dict[str, Callable[[Sequence[Cell]], list[str]]] = {
    "hard_groups": _hard,
    "information": _information,
    "absence": _absence,
    "closure": _closure,
    "unknown_output": _output,
    "intervals": _intervals,
    "pooled": _pooled,
    "strength": _strength,
}
