"""Scenarios: states of the world as data, and the effects a request carries from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import CATALOGUE_DIR
from layers.records import check_record, read_records
from layers.schema import Record, Slug

WITH = "with:"
"""How the name of a scenario begins that is today with some lines open: ``with:my-line`` or ``with:one,other``."""


def _as_targets(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - pydantic hands over raw input, and checks it after
    # one name may stand without brackets: avoid: my-area
    return (value,) if isinstance(value, str) else tuple(value or ())


Targets = Annotated[tuple[str, ...], BeforeValidator(_as_targets)]
# a hundredth or a hundredfold is a slip of the pen, not a scenario
Multiple = Annotated[float, Field(ge=0.01, le=100, allow_inf_nan=False)]
Throughput = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
AddedHours = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]


class DelayRule(Record):
    """What happens to the waiting at a crossing, place or ferry line: hours times ``factor``, plus ``hours``."""

    factor: Multiple = 1.0
    hours: AddedHours = 0.0

    @model_validator(mode="after")
    def _says_something(self) -> DelayRule:
        if not self.model_fields_set:
            raise ValueError("a delay needs a factor, or hours to add")
        return self


class Scenario(Record):
    """A state of the world as data: what is open, closed, slower or dearer, in which year."""

    id: Slug
    name: str
    description: str = ""
    extends: Slug | None = None
    """Scenario whose statements hold too; where both speak of one target, the extending one holds."""
    year: Annotated[int | None, Field(ge=1850, le=2100)] = None
    open: Targets = ()
    """Lines and crossings that carry traffic whatever their status; ``planned`` opens all announced by its year."""
    close: Targets = ()
    """Countries, lines, crossings, ports, straits or areas that do not."""
    delay: Mapping[str, DelayRule] = Field(default_factory=dict)
    """Crossing, place, strait or line → what happens to the hours spent there."""
    speed: Mapping[str, Multiple] = Field(default_factory=dict)
    """Mode, country, country:mode or line → factor on the speed; the most specific one applies."""
    tariff: Mapping[str, Multiple] = Field(default_factory=dict)
    """Mode, country, country:mode or line → factor on the tariff per kilometre; the most specific one applies."""
    capacity: Mapping[str, Throughput] = Field(default_factory=dict)
    """Pipeline → what it can carry in a year: billion cubic metres of gas or million tonnes of oil."""

    @model_validator(mode="before")
    @classmethod
    def _avoid_is_close(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over raw input
        """Take ``avoid`` for another word for ``close``: one goes around an area that one would hardly call closed."""
        if isinstance(data, dict) and "avoid" in data:
            data = dict(data)
            data["close"] = [*_as_targets(data.get("close")), *_as_targets(data.pop("avoid"))]
        return data

    @property
    def effects(self) -> Effects:
        """What the scenario does to hours and tariffs."""
        return Effects(
            delays=tuple(Delay(target, rule.factor, rule.hours) for target, rule in self.delay.items()),
            speeds=tuple(Factor(scope, factor) for scope, factor in self.speed.items()),
            tariffs=tuple(Factor(scope, factor) for scope, factor in self.tariff.items()),
            capacities=tuple(self.capacity.items()),
        )


@dataclass(frozen=True, slots=True)
class Delay:
    """Waiting hours at ``target`` are multiplied by ``factor``, then ``added_h`` hours are added."""

    target: str
    factor: float = 1.0
    added_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Factor:
    """A speed or tariff is multiplied where ``scope`` holds: a mode, country, country:mode or line."""

    scope: str
    factor: float


@dataclass(frozen=True, slots=True)
class Effects:
    """What a request changes about hours and tariffs; it travels with the call."""

    delays: tuple[Delay, ...] = ()
    speeds: tuple[Factor, ...] = ()
    tariffs: tuple[Factor, ...] = ()
    capacities: tuple[tuple[str, float], ...] = ()
    """Pipelines with what they can carry; hours and tariffs do not know them."""

    def __bool__(self) -> bool:
        return bool(self.delays or self.speeds or self.tariffs)


NO_EFFECTS = Effects()


def load_scenarios(directory: Path = CATALOGUE_DIR / "scenarios") -> dict[str, Scenario]:
    """Load the shipped scenarios by id.

    Raises
    ------
    RequestError
        A scenario breaks its schema, or two share an id.
    """
    faults: list[str] = []
    try:
        records = list(read_records(directory))
    except (OSError, ValueError) as error:
        raise RequestError(f"scenario file cannot be read: {error}") from error
    checked = [check_record(raw, Scenario, faults=faults) for raw in records]
    found: dict[str, Scenario] = {}
    for scenario in checked:
        if scenario is not None and scenario.id in found:
            faults.append(f"{scenario.id}: id given twice")
        elif scenario is not None:
            found[scenario.id] = scenario
    if faults:
        raise RequestError("scenario files are not valid:\n" + "\n".join(faults))
    return found


def resolve_scenario(name: str, scenarios: dict[str, Scenario] | None = None) -> Scenario:
    """Return a scenario by id or YAML file, with what it extends folded in; ``with:LINE,…`` is today and these lines.

    Of a file with several scenarios the last one counts; the others may be extended.

    Raises
    ------
    NameNotFoundError
        No such scenario or file.
    RequestError
        Scenarios extend each other in a circle.
    """
    known = dict(load_scenarios() if scenarios is None else scenarios)
    if name.startswith(WITH):
        return _with_lines(name, resolve_scenario("today", known))
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise NameNotFoundError(f"scenario file {name} does not exist")
        read = load_scenarios(path)
        if not read:
            raise RequestError(f"scenario file {name} holds no scenario; start one with '- id: …'")
        known |= read
        name = next(reversed(read))
    chain = _chain(name, known)
    folded = chain[-1]
    for scenario in reversed(chain[:-1]):
        folded = _extended(folded, scenario)
    return folded


def _with_lines(name: str, today: Scenario) -> Scenario:
    lines = tuple(part.strip() for part in name.removeprefix(WITH).split(",") if part.strip())
    if not lines:
        raise NameNotFoundError(f"scenario {name!r} names no line; write {WITH}my-line, or {WITH}one,other")
    told = f"Today, and {', '.join(lines)} in traffic whatever its status and date."
    return today.model_copy(update={"id": name, "name": told, "description": told, "open": (*today.open, *lines)})


def _chain(name: str, known: Mapping[str, Scenario]) -> list[Scenario]:
    """Return a scenario and what it extends, nearest first."""
    chain: list[Scenario] = []
    step: str | None = name
    while step is not None:
        if step not in known:
            raise NameNotFoundError(f"scenario {step!r} is not known; known are: {', '.join(sorted(known))}")
        if any(scenario.id == step for scenario in chain):
            raise RequestError(f"scenario {name!r} extends itself through {step!r}")
        chain.append(known[step])
        step = known[step].extends
    return chain


def _extended(base: Scenario, scenario: Scenario) -> Scenario:
    # what is closed below may be opened again above, and the other way round: the last word holds
    return scenario.model_copy(
        update={
            "year": base.year if scenario.year is None else scenario.year,
            "open": (*(target for target in base.open if target not in scenario.close), *scenario.open),
            "close": (*(target for target in base.close if target not in scenario.open), *scenario.close),
            "delay": {**base.delay, **scenario.delay},
            "speed": {**base.speed, **scenario.speed},
            "tariff": {**base.tariff, **scenario.tariff},
            "capacity": {**base.capacity, **scenario.capacity},
        }
    )
