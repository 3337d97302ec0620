"""Events as columns, for numpy and pandas. A function of this module imports numpy or pandas only when it needs it."""

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import _eventure

Wanted = Union[Sequence[str], Mapping[str, Any]]

FIELDS = ("seq", "tick", "timestamp", "type", "id", "parent_id", "parent_seq", "data")
NUMBERS = {"seq": "int64", "tick": "int64", "timestamp": "float64", "parent_seq": "int64"}
KINDS = {"int": 0, "int64": 0, "float": 1, "float64": 1, "double": 1, "str": 2, "string": 2, "object": 2, "text": 2}


class Batch:
    """Some events of a query. `fields` and `members` hold buffers as the C library laid them out."""

    __slots__ = ("rows", "fields", "members")

    def __init__(self, rows: int, fields: Dict[str, Any], members: Dict[str, Tuple[int, Any, Any]]) -> None:
        self.rows = rows
        self.fields = fields
        self.members = members

    def __len__(self) -> int:
        return self.rows


def kind_of(dtype: Any) -> int:
    """Returns the kind of value that a member is read as: 0 integers, 1 floats, 2 texts."""
    name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", None) or str(dtype)
    if name not in KINDS:
        raise ValueError(f"a member is read as int, float or str, not as {name!r}")
    return KINDS[name]


def read_wanted(wanted: Optional[Wanted]) -> Dict[str, int]:
    """Returns the members with the kind of each; a name without a type is read as floats."""
    if wanted is None:
        return {}
    if isinstance(wanted, str):
        raise TypeError("columns is a list of names, or a dict of names and types")
    if isinstance(wanted, Mapping):
        return {name: kind_of(dtype) for name, dtype in wanted.items()}
    return {name: 1 for name in wanted}


def read_fields(fields: Optional[Iterable[str]]) -> Tuple[str, ...]:
    """Returns the requested fields; all by default."""
    kept = FIELDS if fields is None else tuple(fields)
    for name in kept:
        if name not in FIELDS:
            raise ValueError(f"there is no field {name!r}; the fields are {', '.join(FIELDS)}")
    return kept


def open_cursor(query: Any, kept: Tuple[str, ...], members: Dict[str, int]) -> Any:
    """Returns a cursor that reads only these fields and members."""
    spec = dict(query._asked())
    if "data" not in kept and not members:
        spec["without_data"] = True
    if "id" not in kept:
        spec["without_ids"] = True
    if "parent_id" not in kept:
        spec["without_parent_ids"] = True
    return query._store._cursor(spec, list(members.items()))


class Arrow:
    """Selected columns of a query result as an Arrow stream, for any consumer: pyarrow.table(…),
    polars.DataFrame(…)."""

    def __init__(
        self, query: Any, columns: Optional[Wanted] = None, fields: Optional[Iterable[str]] = None, rows: int = 65536
    ) -> None:
        self._query = query
        self._members = read_wanted(columns)
        self._fields = read_fields(fields)
        if rows < 1:
            raise ValueError(f"a batch has 1 row or more, not {rows}")
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Returns a new stream, as a capsule; a requested schema is ignored, as the interface allows."""
        cursor = open_cursor(self._query, self._fields, self._members)
        columns = [(name, -1) for name in self._fields] + list(self._members.items())
        return _eventure._arrow_stream(cursor, columns, self._rows)


def batches(query: Any, wanted: Optional[Wanted], fields: Optional[Iterable[str]], rows: int) -> Iterator[Batch]:
    """See Query.batches."""
    members = read_wanted(wanted)
    kept = read_fields(fields)
    if rows < 1:
        raise ValueError(f"a batch has 1 row or more, not {rows}")
    if query._empty:
        return
    cursor = open_cursor(query, kept, members)
    while True:
        columns = cursor.columns(rows)
        if columns is None:
            return
        made = {
            name: (kind, has, values) for (name, kind), (has, values) in zip(members.items(), columns["members"])
        }
        yield Batch(columns["rows"], {name: columns[name] for name in kept}, made)


def _numpy() -> Any:
    import numpy

    return numpy


def texts(column: Tuple[Any, Any]) -> List[str]:
    """Returns a column of texts as a list."""
    offsets = memoryview(column[0]).cast("q").tolist()
    whole = bytes(column[1])
    if whole.isascii():
        text = whole.decode("ascii")
        return [text[a:b] for a, b in zip(offsets, offsets[1:])]
    return [whole[a:b].decode("utf-8", "surrogatepass") for a, b in zip(offsets, offsets[1:])]


def _codes(column: Tuple[Any, Any], known: Dict[bytes, int]) -> Any:
    """Returns a column of texts as indexes into a table, for columns with few different values."""
    return _numpy().frombuffer(_eventure._codes(column[0], column[1], known), dtype="int32")


def _member(kind: int, has: Any, values: Any) -> Any:
    """Returns a member as an array; missing values are nan, 0 or None."""
    numpy = _numpy()
    present = numpy.frombuffer(has, dtype="bool")
    if kind == 0:
        return numpy.frombuffer(values, dtype="int64"), present
    if kind == 1:
        numbers = numpy.frombuffer(values, dtype="float64")
        if not present.all():
            numbers[~present] = numpy.nan
        return numbers, present
    array = numpy.array(texts(values) or [], dtype=object)
    array[~present] = None
    return array, present


def _field(name: str, column: Any) -> Any:
    numpy = _numpy()
    if name in NUMBERS:
        return numpy.frombuffer(column, dtype=NUMBERS[name])
    return numpy.array(texts(column), dtype=object)


def to_numpy(query: Any, column: str, dtype: Any) -> Any:
    """See Query.to_numpy."""
    numpy = _numpy()
    if column in FIELDS:
        parts = [_field(column, batch.fields[column]) for batch in batches(query, None, [column], 65536)]
        empty = NUMBERS.get(column, object)
    else:
        kind = kind_of(float if dtype is None else dtype)
        parts = [
            _member(*batch.members[column])[0] for batch in batches(query, {column: ("int", "float", "str")[kind]}, [], 65536)
        ]
        empty = ("int64", "float64", object)[kind]
    whole = numpy.concatenate(parts) if parts else numpy.empty(0, dtype=empty)
    return whole if dtype is None or dtype is str else whole.astype(dtype, copy=False)


def frame(query: Any, wanted: Optional[Wanted], fields: Optional[Iterable[str]], index: Any) -> Any:
    """See Query.df."""
    import pandas

    numpy = _numpy()
    kept = (
        ("seq", "tick", "timestamp", "type", "id", "parent_id", "data")
        if wanted is None and fields is None
        else ("seq", "tick", "timestamp", "type")
        if fields is None
        else tuple(fields)
    )
    members = read_wanted(wanted)
    parts: Dict[str, List[Any]] = {name: [] for name in (*kept, *members)}
    present: Dict[str, List[Any]] = {name: [] for name in members}
    known: Dict[bytes, int] = {}
    for batch in batches(query, wanted, kept, 65536):
        for name in kept:
            column = batch.fields[name]
            parts[name].append(_codes(column, known) if name == "type" else _field(name, column))
        for name in members:
            values, has = _member(*batch.members[name])
            parts[name].append(values)
            present[name].append(has)
    series: Dict[str, Any] = {}
    for name in kept:
        if name == "type":
            codes = numpy.concatenate(parts[name]) if parts[name] else numpy.empty(0, dtype="int32")
            series[name] = pandas.Categorical.from_codes(codes, [text.decode() for text in known])
        else:
            empty = numpy.empty(0, dtype=NUMBERS.get(name, object))
            series[name] = numpy.concatenate(parts[name]) if parts[name] else empty
    for name, kind in members.items():
        empty = numpy.empty(0, dtype=("int64", "float64", object)[kind])
        values = numpy.concatenate(parts[name]) if parts[name] else empty
        has = numpy.concatenate(present[name]) if present[name] else numpy.empty(0, dtype=bool)
        if kind == 0 and not has.all():
            values = pandas.arrays.IntegerArray(values.copy(), ~has)
        series[name] = values
    made = pandas.DataFrame(series, copy=False)
    return made if index is None else made.set_index(index)
