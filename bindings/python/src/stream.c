/*
 * Python's file objects as streams of the library.
 */
#define _GNU_SOURCE
#include "binding.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_BYTES ((size_t)64 * 1024)

/* Returns the number of bytes at the end that are the beginning of an incomplete character. */
static size_t incomplete_tail(const char *bytes, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++)
    {
        unsigned char byte = (unsigned char)bytes[len - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return needed > back ? back : 0;
    }
    return 0;
}

static bool write_text(stream *self, const char *bytes, size_t len)
{
    char *joined = PyMem_Malloc(self->pending_len + len + 1);
    if (joined == NULL)
    {
        PyErr_NoMemory();
        return false;
    }
    memcpy(joined, self->pending, self->pending_len);
    memcpy(joined + self->pending_len, bytes, len);
    size_t total = self->pending_len + len, tail = incomplete_tail(joined, total);
    PyObject *answer = PyObject_CallMethod(self->object, "write", "N",
                                           PyUnicode_DecodeUTF8(joined, (Py_ssize_t)(total - tail), "replace"));
    memcpy(self->pending, joined + total - tail, tail);
    self->pending_len = tail;
    PyMem_Free(joined);
    bool done = answer != NULL;
    Py_XDECREF(answer);
    return done;
}

/* Writes all bytes, in several calls if necessary: write() of a raw file can write only a part. */
static bool write_bytes(stream *self, const char *bytes, size_t len)
{
    while (len > 0)
    {
        PyObject *answer = PyObject_CallMethod(self->object, "write", "y#", bytes, (Py_ssize_t)len);
        if (answer == NULL)
            return false;
        Py_ssize_t written = PyLong_Check(answer) ? PyLong_AsSsize_t(answer) : (Py_ssize_t)len;
        Py_DECREF(answer);
        if (written <= 0 || (size_t)written > len)
        {
            PyErr_Format(PyExc_OSError, "write took %zd of %zu bytes", written, len);
            return false;
        }
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

/* Writes the buffered bytes to the file object. The caller holds the GIL, and no exception is pending. */
static bool flush(stream *self)
{
    size_t len = self->buffered;
    self->buffered = 0;
    if (len == 0)
        return true;
    return self->is_text ? write_text(self, self->buffer, len) : write_bytes(self, self->buffer, len);
}

int stream_write(const void *bytes, size_t len, void *sink)
{
    stream *self = sink;
    while (len > 0)
    {
        size_t room = STREAM_BYTES - self->buffered, taken = len < room ? len : room;
        memcpy(self->buffer + self->buffered, bytes, taken);
        self->buffered += taken;
        bytes = (const char *)bytes + taken;
        len -= taken;
        if (self->buffered < STREAM_BYTES)
            return 0;
        PyGILState_STATE gil;
        bool done = callback_enter(&gil) && flush(self);
        callback_leave(gil);
        if (!done)
            return EVENTURE_ERROR_IO;
    }
    return 0;
}

/* Reads the next chunk. Returns false at the end, or with an exception. */
static bool read_chunk(stream *self)
{
    Py_CLEAR(self->chunk);
    self->chunk_at = 0;
    PyObject *read = PyObject_CallMethod(self->object, "read", "n", (Py_ssize_t)STREAM_BYTES);
    if (read != NULL && PyUnicode_Check(read))
        replace_reference(&read, PyUnicode_AsUTF8String(read));
    if (read != NULL && !PyBytes_Check(read))
    {
        PyErr_Format(PyExc_TypeError, "read must return bytes or str, not %.100R", (PyObject *)Py_TYPE(read));
        Py_CLEAR(read);
    }
    self->chunk = read;
    return read != NULL && PyBytes_Size(read) > 0;
}

static ssize_t stream_read(void *cookie, char *buffer, size_t size)
{
    stream *self = cookie;
    PyGILState_STATE gil;
    ssize_t result = -1;
    if (callback_enter(&gil))
    {
        size_t left = self->chunk != NULL ? (size_t)PyBytes_Size(self->chunk) - self->chunk_at : 0;
        if (left == 0 && read_chunk(self))
            left = (size_t)PyBytes_Size(self->chunk);
        if (PyErr_Occurred() == NULL)
        {
            size_t taken = left < size ? left : size;
            if (taken > 0)
                memcpy(buffer, PyBytes_AsString(self->chunk) + self->chunk_at, taken);
            self->chunk_at += taken;
            result = (ssize_t)taken;
        }
    }
    callback_leave(gil);
    return result;
}

#if defined(__linux__) || defined(__CYGWIN__)
static FILE *open_for_reading(stream *self)
{
    return fopencookie(self, "r", (cookie_io_functions_t){.read = stream_read});
}
#else
static int fun_read(void *cookie, char *buffer, int size)
{
    return (int)stream_read(cookie, buffer, (size_t)size);
}

static FILE *open_for_reading(stream *self)
{
    return funopen(self, fun_read, NULL, NULL, NULL);
}
#endif

/* Whether the write method of a file takes str: tries to write an empty str. */
static int takes_text(PyObject *file)
{
    PyObject *answer = PyObject_CallMethod(file, "write", "s", "");
    if (answer != NULL)
    {
        Py_DECREF(answer);
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_TypeError))
        return -1;
    PyErr_Clear();
    return 0;
}

int stream_begin_writing(stream *self, PyObject *file)
{
    memset(self, 0, sizeof *self);
    self->object = file;
    int is_text = takes_text(file);
    if (is_text < 0)
        return -1;
    self->is_text = is_text == 1;
    self->buffer = PyMem_Malloc(STREAM_BYTES);
    if (self->buffer == NULL)
        PyErr_NoMemory();
    return self->buffer != NULL ? 0 : -1;
}

void stream_end_writing(stream *self)
{
    if (PyErr_Occurred() == NULL)
        flush(self);
    PyMem_Free(self->buffer);
}

int stream_begin_reading(stream *self, PyObject *file)
{
    memset(self, 0, sizeof *self);
    self->object = file;
    self->file = open_for_reading(self);
    if (self->file == NULL)
        PyErr_SetFromErrno(PyExc_OSError);
    else
        setvbuf(self->file, NULL, _IOFBF, STREAM_BYTES);
    return self->file != NULL ? 0 : -1;
}

void stream_end_reading(stream *self)
{
    fclose(self->file);
    Py_CLEAR(self->chunk);
}
