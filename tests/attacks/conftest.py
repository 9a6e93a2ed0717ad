"""Two gates of the same people, with the same keys: production and staging."""

import pytest

from tests.attacks.doors import House


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a gate in whose requests there is PHI."""
    return House(tmp_path_factory.mktemp("gate") / "home", phi=True, officers="security-officers")


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory, gate: House) -> House:
    """Return another gate at which the same people, agents and executors have the same keys."""
    made = House(tmp_path_factory.mktemp("staging") / "home", phi=True)
    made.house.people, made.house.executor = gate.house.people, gate.house.executor
    made.house.executor_seal = gate.house.executor_seal
    made.write(officers="security-officers")
    return made
