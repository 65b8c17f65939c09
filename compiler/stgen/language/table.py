"""The base of every table of the language, and how a table stands inside another one."""

from importlib import import_module
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core.core_schema import CoreSchema, no_info_plain_validator_function

from stgen.values.record import Record

Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Table(BaseModel):
    """Base of every table of the language: frozen, strict about keys and types, built when first used."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, allow_inf_nan=False)
    usual: ClassVar[tuple[str, ...]] = ()
    """The keys that an example of a table shows which requires none."""


class _Later(Record):
    """Gives a table a validator of its own, built when a spec has such a table.

    pydantic would build the validators of the whole language for the first spec, which takes longer than all else that
    validating one does, and most specs have few of its tables.
    """

    def __get_pydantic_core_schema__(self, source: type[BaseModel], _: object) -> CoreSchema:
        return no_info_plain_validator_function(source.model_validate, metadata={"table": source})

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        table: type[BaseModel] = schema["metadata"]["table"]
        table.model_rebuild()
        return handler(table.__pydantic_core_schema__)


T = TypeVar("T", bound=BaseModel)
Later = Annotated[T, _Later()]


class TableElsewhere(Record):
    """Stands for a table of another module, which is imported when a spec has that table: to define one takes as long."""

    module: str
    name: str

    def table(self) -> type[Table]:
        """The table itself."""
        found: type[Table] = getattr(import_module(self.module), self.name)
        return found

    def __get_pydantic_core_schema__(self, source: object, _: object) -> CoreSchema:
        return no_info_plain_validator_function(lambda data: self.table().model_validate(data))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        self.table().model_rebuild()
        return handler(self.table().__pydantic_core_schema__)


class Elsewhere:
    """`Elsewhere["module", "Table"]`: the annotation of a key that holds such a table."""

    def __class_getitem__(cls, place: tuple[str, str]) -> Any:
        return Annotated[Any, TableElsewhere(*place)]
