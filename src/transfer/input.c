/*
 * Bytes in chunks: see input.h.
 */
#include "transfer/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)256 * 1024)

int eventure__input_read_file(void *bytes, size_t capacity, size_t *out_len, void *file)
{
    *out_len = fread(bytes, 1, capacity, file);
    return ferror(file) ? EVENTURE_ERROR_IO : 0;
}

eventure_status eventure__input_open(eventure__input *input, eventure_read_fn read, void *source,
                                     eventure__error *error)
{
    *input = (eventure__input){.read = read, .source = source, .error = error, .line = 1};
    input->chunk = malloc(CHUNK_BYTES);
    return input->chunk != NULL ? EVENTURE_OK : eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
}

static eventure_status fail_to_read(eventure__input *input, int result, int reason)
{
    const long long line = (long long)input->line - 1;
    if (input->read == eventure__input_read_file)
        return eventure__fail(input->error, EVENTURE_ERROR_IO, "cannot read after line %lld: %s", line,
                              reason != 0 ? strerror(reason) : "the stream has failed");
    return eventure__fail(input->error, result < 0 ? result : EVENTURE_ERROR_HANDLER,
                          "the callback that reads returned %d after line %lld", result, line);
}

eventure_status eventure__input_fill(eventure__input *input)
{
    size_t len = 0;
    if (input->at < input->len)
        return EVENTURE_ROW;
    errno = 0;
    const int result = input->read(input->chunk, CHUNK_BYTES, &len, input->source);
    if (result != 0)
        return fail_to_read(input, result, errno);
    if (len > CHUNK_BYTES)
        return eventure__fail(input->error, EVENTURE_ERROR_ARGUMENT,
                              "the callback that reads gave %zu bytes, and there is room for %zu", len, CHUNK_BYTES);
    input->at = 0;
    input->len = len;
    return len > 0 ? EVENTURE_ROW : EVENTURE_OK;
}

/* A callback may give one byte at a time, so the mark may span chunks. */
eventure_status eventure__input_skip_mark(eventure__input *input)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t found = 0;
    eventure_status status = EVENTURE_OK;
    while (found < sizeof mark - 1 && (status = eventure__input_fill(input)) == EVENTURE_ROW &&
           input->chunk[input->at] == mark[found])
    {
        input->at++;
        found++;
    }
    if (status < 0 || found == 0 || found == sizeof mark - 1)
        return status < 0 ? status : EVENTURE_OK;
    return eventure__fail(input->error, EVENTURE_ERROR_JSON, "the input begins with a part of a byte order mark");
}

eventure_status eventure__input_skip_space(eventure__input *input)
{
    for (;;)
    {
        const eventure_status status = eventure__input_fill(input);
        if (status != EVENTURE_ROW)
            return status;
        for (; input->at < input->len; input->at++)
        {
            const char c = input->chunk[input->at];
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                return EVENTURE_ROW;
            input->line += c == '\n';
        }
    }
}

void eventure__input_free(eventure__input *input)
{
    free(input->chunk);
    input->chunk = NULL;
}
