"""Published lengths of lines, of parts of lines and of corridors, beside the drawn ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from layers.catalogue import Catalogue
from layers.features import adopted_length, line_grade
from layers.schema import Mode, Status
from layers.tracing import Grade, Tracks
from network.checks import Drawn, Finding
from network.part_lengths import drawn_part, published_parts

LENGTH_TOLERANCE = 0.05
"""A drawn length may differ by this part from the published one."""
LENGTH_TARGET = 0.03

_LENGTH_GROUPS: Mapping[str, str] = {
    Mode.RAIL: "rail",
    Mode.ROAD: "road",
    Mode.GAS: "gas/oil",
    Mode.OIL: "gas/oil",
    Mode.FERRY: "ferry",
}


@dataclass(frozen=True, slots=True)
class LengthCheck:
    """A published length beside the drawn one."""

    subject: str
    group: str
    """``rail``, ``road``, ``gas/oil``, ``ferry``, ``sea``, ``air`` or ``corridor``."""
    status: Status
    claim_km: float
    routed_km: float
    grade: Grade = Grade.TRACK
    """Of the drawing: a schematic one is no measurement of the line's length."""
    part: str = ""
    """Attribute of the claim where it is the length of a part, such as ``length-kerman-bam``."""

    @property
    def key(self) -> str:
        """What an exception names: the subject, and the part behind a slash."""
        return f"{self.subject}/{self.part}" if self.part else self.subject

    @property
    def ratio(self) -> float:
        """Drawn length over published length."""
        return self.routed_km / self.claim_km

    def is_within(self, tolerance: float) -> bool:
        """Say whether the drawn length differs by at most this part of the published one."""
        return abs(self.routed_km - self.claim_km) <= tolerance * self.claim_km


@dataclass(frozen=True, slots=True)
class LengthShare:
    """How many open lines of one group are drawn with their published length."""

    group: str
    lines: int
    """Open lines with a published length."""
    schematic: int
    """Of these, drawn through too few points to be measured."""
    excepted: int
    """Of the others, on the list of exceptions; none of them is within 5 %."""
    compared: int
    """The rest."""
    within_3_percent: int
    """Of those compared."""
    within_5_percent: int
    """Of those compared."""


def length_checks(catalogue: Catalogue, tracks: Tracks, drawn: Drawn) -> tuple[LengthCheck, ...]:
    """Return each adopted length in km of a line, a part of one or a corridor beside the drawn one, in this order.

    A corridor is measured along its main course, without branches; one that has branches only is left out.
    """
    checks = []
    for line in catalogue.lines.values():
        length = adopted_length(catalogue, f"line:{line.id}")
        if length is not None and length[0] > 0:
            routed_km = sum(segment.length_m for segment in tracks.segments[line.id]) / 1000
            group = _LENGTH_GROUPS.get(line.mode, line.mode.value)
            grade = line_grade(tracks.segments[line.id])
            checks.append(LengthCheck(f"line:{line.id}", group, line.status, length[0], routed_km, grade))
    checks.extend(_part_checks(catalogue, tracks))
    for corridor in catalogue.corridors.values():
        length = adopted_length(catalogue, f"corridor:{corridor.id}")
        routed_km = sum(section.length_m for section in drawn[corridor.id] if not section.branch) / 1000
        if length is not None and length[0] > 0 and routed_km:
            checks.append(LengthCheck(f"corridor:{corridor.id}", "corridor", corridor.status, length[0], routed_km))
    return tuple(checks)


def _part_checks(catalogue: Catalogue, tracks: Tracks) -> Iterator[LengthCheck]:
    for line in catalogue.lines.values():
        for attribute, start, end, length_km in published_parts(catalogue, line):
            drawn = drawn_part(tracks, line, start, end)
            if drawn is not None and drawn[0] > 0:
                group = _parts_of(_LENGTH_GROUPS.get(line.mode, line.mode.value))
                yield LengthCheck(f"line:{line.id}", group, line.status, length_km, *drawn, attribute)


def _parts_of(group: str) -> str:
    return f"{group}, parts"


def length_shares(catalogue: Catalogue, checks: Iterable[LengthCheck]) -> tuple[LengthShare, ...]:
    """Return, per group of modes, how many open lines have their published length."""
    excepted = {exception.subject for exception in catalogue.length_exceptions}
    whole = dict.fromkeys(_LENGTH_GROUPS.values())
    groups: dict[str, list[LengthCheck]] = {group: [] for of in whole for group in (of, _parts_of(of))}
    for check in checks:
        if check.status is Status.OPEN and check.group in groups:
            groups[check.group].append(check)
    shares = []
    for group, members in groups.items():
        if not members and group not in whole:
            continue
        measured = [check for check in members if check.grade is not Grade.SCHEMATIC]
        compared = [check for check in measured if check.key not in excepted]
        shares.append(
            LengthShare(
                group,
                lines=len(members),
                schematic=len(members) - len(measured),
                excepted=len(measured) - len(compared),
                compared=len(compared),
                within_3_percent=sum(check.is_within(LENGTH_TARGET) for check in compared),
                within_5_percent=sum(check.is_within(LENGTH_TOLERANCE) for check in compared),
            )
        )
    return tuple(shares)


def find_wrong_lengths(catalogue: Catalogue, checks: Iterable[LengthCheck]) -> Iterator[Finding]:
    """Yield lengths off by more than the tolerance that no exception explains."""
    excepted = {exception.subject for exception in catalogue.length_exceptions}
    for check in checks:
        if not check.is_within(LENGTH_TOLERANCE) and check.key not in excepted:
            figures = f"drawn {check.routed_km:,.1f} km, published {check.claim_km:,.1f} km ({check.ratio - 1:+.1%})"
            message = f"{check.part}: {figures}" if check.part else figures
            yield Finding("length", check.subject, message)


def find_idle_exceptions(catalogue: Catalogue, checks: Iterable[LengthCheck]) -> Iterator[Finding]:
    """Yield exceptions that explain nothing: given twice, without a length to excuse, or within the tolerance."""
    by_subject = {check.key: check for check in checks}
    seen: set[str] = set()
    for exception in catalogue.length_exceptions:
        check = by_subject.get(exception.subject)
        if exception.subject in seen:
            yield Finding("length-exception", exception.subject, "is listed twice")
        elif check is None:
            yield Finding("length-exception", exception.subject, "has no published length to compare; remove the row")
        elif check.is_within(LENGTH_TOLERANCE):
            message = f"is within {LENGTH_TOLERANCE:.0%} of its published length; remove the row"
            yield Finding("length-exception", exception.subject, message)
        seen.add(exception.subject)
