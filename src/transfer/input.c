/*
 * Bytes in chunks: see input.h.
 */
#include "transfer/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)256 * 1024)

eventure_status eventure__input_open(eventure__input *input, FILE *in, eventure__error *error)
{
    *input = (eventure__input){.in = in, .error = error, .line = 1};
    input->chunk = malloc(CHUNK_BYTES);
    if (input->chunk == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
    const eventure_status status = eventure__input_fill(input);
    if (status == EVENTURE_ROW && input->len >= 3 && memcmp(input->chunk, "\xEF\xBB\xBF", 3) == 0)
        input->at = 3;
    return status == EVENTURE_ROW ? EVENTURE_OK : status;
}

eventure_status eventure__input_fill(eventure__input *input)
{
    if (input->at < input->len)
        return EVENTURE_ROW;
    errno = 0;
    input->at = 0;
    input->len = fread(input->chunk, 1, CHUNK_BYTES, input->in);
    const int reason = errno;
    if (ferror(input->in))
    {
        input->len = 0;
        return eventure__fail(input->error, EVENTURE_ERROR_IO, "cannot read after line %lld: %s",
                              (long long)input->line - 1, reason != 0 ? strerror(reason) : "the stream has failed");
    }
    return input->len > 0 ? EVENTURE_ROW : EVENTURE_OK;
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
