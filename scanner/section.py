"""What every section of the configuration is made of: strict tables, and values that are checked where they are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from scanner import values
from scanner.cron import cron


class Section(BaseModel):
    """A table of the configuration. An unknown key is an error, and no error shows what was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def _cron(value: str) -> str:
    cron(value)
    return value


Words = Annotated[str, AfterValidator(values.words)]
Duration = Annotated[timedelta, BeforeValidator(values.duration)]
Email = Annotated[str, AfterValidator(values.email)]
Domain = Annotated[str, AfterValidator(values.domain)]
Cron = Annotated[str, AfterValidator(_cron)]
Secret = Annotated[str, AfterValidator(values.reference)]
Port = Annotated[int, Field(ge=1, le=65535)]
Share = Annotated[float, Field(ge=0, le=1)]
