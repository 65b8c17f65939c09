"""The base of frozen records that are cheap to define: a dataclass takes half a millisecond each, and a command uses thirty."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """What a frozen dataclass is, without the code that `dataclasses` would generate and compile for each class.

    Fields are the annotated names of the class. A default is shared by all instances, so it must not be mutable; where
    there is a `__post_init__`, it is called when the fields are set.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[dict[str, Any]] = {}
    _checks: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        cls._names = frozenset(cls._fields)
        cls._defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
        cls._checks = cls.__post_init__ is not Record.__post_init__

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set the fields. Raises TypeError for one that is missing, unknown or given twice."""
        if kwargs or len(args) != len(self._fields):
            values = self._completed(args, kwargs)
        else:
            values = dict(zip(self._fields, args))  # noqa: B905 - as many, and to say so takes a fifth of all this
        object.__setattr__(self, "__dict__", values)
        if self._checks:
            self.__post_init__()

    def _completed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The fields by name, with their defaults."""
        given = dict(zip(self._fields, args, strict=False)) | kwargs if args else kwargs
        values = given if given.keys() == self._names else self._defaults | given
        if values.keys() != self._names or len(given) != len(args) + len(kwargs):
            raise TypeError(
                f"{type(self).__name__} takes {', '.join(self._fields)}: each once, those without default always"
            )
        return values

    def __post_init__(self) -> None:
        """Check the fields: for subclasses."""

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in order."""
        return {name: self.__dict__[name] for name in self._fields}

    def replaced(self, **changes: Any) -> Self:
        """The same record with other values in some fields."""
        return type(self)(**self.__dict__ | changes)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} can't be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} can't be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.as_dict().values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.as_dict().items())})"
