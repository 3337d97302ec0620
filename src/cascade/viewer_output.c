/*
 * Output of the viewer: see viewer_output.h. All text is buffered in `pending`, except runs of spaces that exceed it:
 * an event at depth d of a tick is indented by 2·d spaces, which are written in pieces.
 */
#include "cascade/viewer_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Size of the buffer that is written to the FILE at once. */
#define PENDING_BYTES ((size_t)64 * 1024)

/* Length of the preallocated run of spaces. */
#define SPACES_BYTES ((size_t)256 * 1024)

static void out_of_memory(eventure__output *output)
{
    if (output->status == EVENTURE_OK)
        output->status = eventure__fail(output->error, EVENTURE_ERROR_MEMORY, "show cascade: out of memory");
}

static void hand_over(eventure__output *output, const char *bytes, size_t len)
{
    if (len == 0 || output->status != EVENTURE_OK)
        return;
    if (output->write != NULL)
    {
        int result = output->write(bytes, len, output->write_sink);
        if (result != 0)
            output->status = eventure__fail(output->error, result < 0 ? result : EVENTURE_ERROR_HANDLER,
                                            "show cascade: the callback that writes returned %d", result);
        output->bytes_written += (int64_t)len;
        return;
    }
    errno = 0;
    if (fwrite(bytes, 1, len, output->file) != len)
    {
        const char *reason = errno != 0 ? strerror(errno) : "the stream takes no more";
        output->status = eventure__fail(output->error, EVENTURE_ERROR_IO, "show cascade: cannot write: %s", reason);
        return;
    }
    output->bytes_written += (int64_t)len;
}

eventure_status eventure__output_flush(eventure__output *output)
{
    if (output->pending.failed)
        out_of_memory(output);
    hand_over(output, output->pending.bytes, output->pending.len);
    eventure__buffer_clear(&output->pending);
    return output->status;
}

void eventure__output_bytes(eventure__output *output, const char *bytes, size_t len)
{
    if (len >= PENDING_BYTES)
    {
        (void)eventure__output_flush(output);
        hand_over(output, bytes, len);
        return;
    }
    eventure__buffer_append(&output->pending, bytes, len);
    if (output->pending.len >= PENDING_BYTES)
        (void)eventure__output_flush(output);
}

void eventure__output_int(eventure__output *output, int64_t value)
{
    eventure__buffer_append_int(&output->pending, value);
}

void eventure__output_spaces(eventure__output *output, size_t count)
{
    static const char few[] = "                                                                ";
    if (count < sizeof few)
    {
        eventure__output_bytes(output, few, count);
        return;
    }
    if (output->spaces == NULL)
    {
        output->spaces = malloc(SPACES_BYTES);
        if (output->spaces == NULL)
        {
            out_of_memory(output);
            return;
        }
        memset(output->spaces, ' ', SPACES_BYTES);
    }
    while (count > 0 && output->status == EVENTURE_OK)
    {
        const size_t piece = count < SPACES_BYTES ? count : SPACES_BYTES;
        eventure__output_bytes(output, output->spaces, piece);
        count -= piece;
    }
}

void eventure__output_escaped(eventure__output *output, const char *text, size_t len)
{
    eventure__escape escape;
    for (size_t at = 0; at < len; at += escape.taken)
    {
        const size_t run = eventure__escape_plain_run(text + at, len - at, &escape);
        eventure__output_bytes(output, text + at, run);
        eventure__output_bytes(output, escape.text, escape.len);
        at += run;
    }
}

void eventure__output_style(eventure__output *output, eventure__style style)
{
    static const char *const sequences[] = {
        [EVENTURE__STYLE_PLAIN] = "\033[0m",   [EVENTURE__STYLE_DIM] = "\033[2m",
        [EVENTURE__STYLE_TICK] = "\033[1;34m", [EVENTURE__STYLE_TYPE] = "\033[1m",
        [EVENTURE__STYLE_ROOT] = "\033[32m",   [EVENTURE__STYLE_CAUSED] = "\033[33m",
        [EVENTURE__STYLE_CHILD] = "\033[36m",
    };
    if (output->color)
        eventure__output_text(output, sequences[style]);
}

void eventure__output_free(eventure__output *output)
{
    eventure__buffer_free(&output->pending);
    free(output->spaces);
    output->spaces = NULL;
}
