"""What a configuration says of the council, in the words of the rules."""

from __future__ import annotations

from rules.council import Council, Period
from rules.protocol import Protocol, available, packaged, parse
from scanner.config import Configuration
from scanner.errors import ConfigurationError


def council_of(configuration: Configuration) -> Council:
    """The council's facts as the rules know them."""
    council, elections = configuration.council, configuration.elections
    return Council(
        name=council.name,
        domains=frozenset(council.domains),
        archive_addresses=frozenset(council.archive_addresses),
        polling_days=tuple(elections.polling_days),
        pre_election=tuple(Period(p.from_, p.to) for p in elections.pre_election),
        parties=tuple(elections.parties),
        candidates=tuple(elections.candidates),
    )


def protocol_of(configuration: Configuration) -> Protocol:
    """The council's protocol: a packaged one by its id, or its own data file. Raises ConfigurationError for neither."""
    name = configuration.council.protocol
    if name in available():
        return packaged(name)
    path = configuration.resolve(name)
    if path.suffix != ".toml" or not path.is_file():
        known = ", ".join(available())
        raise ConfigurationError(
            f"council.protocol: {name!r} is neither a packaged protocol ({known}) nor a .toml file; choose one or write your own."
        )
    try:
        return parse(path.stem, path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
