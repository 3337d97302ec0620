"""Reducers: functions that fold events into a state."""

import copy
import json
import pickle
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union

from . import _eventure

Function = Callable[[Any, Any], Any]
AnyFunction = TypeVar("AnyFunction", bound=Function)


class Reducer:
    """A fold over events: `function(state, event)` returns the next state, or None when it changed the state itself.

    `rules` maps patterns of types to functions. All functions that match an event are called, in their order, after
    `function`. `initial` is the state before the first event (it is copied), or a function that makes it. `name` and
    `version` identify its snapshots, and `format` is their format: "json", "pickle", or None for no snapshots. Pickles
    are only for stores that you trust.

    >>> import eventure
    >>> counter = Reducer(lambda state, event: state + 1, initial=0)
    >>> with eventure.open(eventure.scratch()) as log:
    ...     _ = log.append("a.b")
    ...     log.state(counter)
    1
    """

    def __init__(
        self,
        function: Optional[Function] = None,
        *,
        rules: Union[Dict[str, Function], List[Tuple[str, Function]], None] = None,
        initial: Any = dict,
        name: Optional[str] = None,
        version: int = 1,
        format: Optional[str] = "json",
    ) -> None:
        if format not in ("json", "pickle", None):
            raise ValueError(f"format must be 'json', 'pickle' or None, not {format!r}")
        self.function = function
        self.rules = list(rules.items() if isinstance(rules, dict) else rules or [])
        self.initial = initial
        self.name = name or getattr(function, "__name__", None) or "reducer"
        self.version = version
        self.format = format

    def on(self, pattern: str) -> Callable[[AnyFunction], AnyFunction]:
        """Adds a rule, as a decorator."""

        def add(function: AnyFunction) -> AnyFunction:
            self.rules.append((pattern, function))
            return function

        return add

    def __repr__(self) -> str:
        return f"Reducer(name={self.name!r}, version={self.version}, rules={[rule[0] for rule in self.rules]!r})"

    # Methods that the extension module calls.

    def _reset(self) -> Any:
        return self.initial() if callable(self.initial) else copy.deepcopy(self.initial)

    def _save(self, state: Any) -> bytes:
        if self.format == "pickle":
            return pickle.dumps(state, protocol=4)
        return json.dumps(state, separators=(",", ":")).encode()  # keeps the order of keys, which a fold may depend on

    def _load(self, bytes: bytes) -> Any:
        return pickle.loads(bytes) if self.format == "pickle" else json.loads(bytes)


def fold_of(reducer: Any, initial: Any = None) -> Any:
    """Returns the object that the extension module folds with: a new Fold for each use, or the projection itself."""
    if isinstance(reducer, _eventure.Projection):
        return reducer
    if not isinstance(reducer, Reducer):
        if not callable(reducer):
            raise TypeError(f"expected a Reducer, a function or a Projection, not {type(reducer).__name__}")
        reducer = Reducer(reducer, initial=dict if initial is None else initial)
    if reducer.function is None and not reducer.rules:
        raise ValueError("a reducer needs a function or rules")
    return _eventure.Fold(
        reducer, reducer.function, reducer.rules, reducer.name, reducer.version, reducer.format is not None
    )


def state_of(fold: Any) -> Any:
    """Returns the state of an object that fold_of returned."""
    return fold if isinstance(fold, _eventure.Projection) else fold.state
