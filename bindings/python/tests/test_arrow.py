"""Query results as Arrow streams, read according to the specification of the C stream interface."""

import ctypes
import unittest
from typing import Any, Dict, List

import eventure


class Schema(ctypes.Structure):
    """struct ArrowSchema"""


class Array(ctypes.Structure):
    """struct ArrowArray"""


class Stream(ctypes.Structure):
    """struct ArrowArrayStream"""


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))),
    ("private_data", ctypes.c_void_p),
]


def stream_of(capsule: Any) -> Any:
    """Returns the stream in a capsule."""
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype = ctypes.c_void_p
    get.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return ctypes.cast(get(capsule, b"arrow_array_stream"), ctypes.POINTER(Stream))


def values_of(format: bytes, array: Any) -> List[Any]:
    """A column as a list."""
    rows = array.length
    valid = ctypes.cast(array.buffers[0] or 0, ctypes.POINTER(ctypes.c_uint8))
    if format == b"U":
        offsets = ctypes.cast(array.buffers[1], ctypes.POINTER(ctypes.c_int64))
        text = ctypes.string_at(array.buffers[2], offsets[rows])
        values: List[Any] = [text[offsets[i] : offsets[i + 1]].decode() for i in range(rows)]
    else:
        kind: Any = ctypes.c_int64 if format == b"l" else ctypes.c_double
        numbers = ctypes.cast(array.buffers[1], ctypes.POINTER(kind))
        values = [numbers[i] for i in range(rows)]
    return [value if not valid or valid[i // 8] >> (i % 8) & 1 else None for i, value in enumerate(values)]


def read(capsule: Any) -> Dict[str, List[Any]]:
    """All rows of a stream by column."""
    stream = stream_of(capsule)
    schema = Schema()
    assert stream.contents.get_schema(stream, ctypes.byref(schema)) == 0
    assert schema.format == b"+s"
    columns = [schema.children[i].contents for i in range(schema.n_children)]
    result: Dict[str, List[Any]] = {column.name.decode(): [] for column in columns}
    while True:
        array = Array()
        if stream.contents.get_next(stream, ctypes.byref(array)) != 0:
            raise OSError(stream.contents.get_last_error(stream).decode())
        if not array.release:
            break
        for i, column in enumerate(columns):
            result[column.name.decode()] += values_of(column.format, array.children[i].contents)
        array.release(ctypes.byref(array))
    schema.release(ctypes.byref(schema))
    return result


class Streams(unittest.TestCase):
    def setUp(self) -> None:
        self.log = eventure.open(eventure.scratch(), sync="off", clock=lambda: 1.5)
        self.addCleanup(self.log.close)
        root = self.log.append("a.b", {"n": 1, "w": 0.5, "who": "é"})
        self.log.append("c.d", {"n": "text"}, root)
        self.log.append("c.d", {"n": 3, "who": "x"}, root)

    def test_all_fields(self) -> None:
        columns = read(self.log.events().__arrow_c_stream__())
        events = list(self.log)
        for name in ("seq", "tick", "timestamp", "type", "id", "parent_id", "parent_seq"):
            self.assertEqual(columns[name], [getattr(event, name) for event in events])
        self.assertEqual(columns["data"][0], '{"n":1,"w":0.5,"who":"é"}')

    def test_members_and_batches(self) -> None:
        arrow = self.log.events().arrow({"n": int, "w": float, "who": str}, fields=["seq"], rows=2)
        expected = {"seq": [1, 2, 3], "n": [1, None, 3], "w": [0.5, None, None], "who": ["é", None, "x"]}
        self.assertEqual(read(arrow.__arrow_c_stream__()), expected)
        self.assertEqual(read(arrow.__arrow_c_stream__()), expected)

    def test_an_empty_answer(self) -> None:
        self.assertEqual(read(self.log.events("no.such").arrow(fields=["seq", "id"]).__arrow_c_stream__())["id"], [])
        self.assertEqual(read(self.log.events([]).arrow(fields=["seq"]).__arrow_c_stream__()), {"seq": []})

    def test_errors(self) -> None:
        capsule = self.log.events().__arrow_c_stream__()
        self.log.close()
        with self.assertRaisesRegex(OSError, "closed"):
            read(capsule)
        with self.assertRaises(ValueError):
            self.log.events().arrow(rows=0)

    def test_streams_that_are_not_read(self) -> None:
        for _ in range(3):
            self.log.events().__arrow_c_stream__()


if __name__ == "__main__":
    unittest.main()
