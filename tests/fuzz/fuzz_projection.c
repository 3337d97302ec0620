/*
 * Any projection file: it is refused with a line and a cause, or all its parts are within its text.
 */
#include <string.h>

#include "fuzz.h"
#include "projection/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure__file file = {0};
    eventure__error error = {0};
    eventure_status status = eventure__file_parse(&file, "x.sql", (const char *)bytes, len, &error);
    if (status != EVENTURE_OK)
        fuzz_must(strncmp(error.text, "x.sql", 5) == 0);
    else
        for (size_t i = 0; i < file.parts_count; i++)
        {
            const eventure__projection_part *part = &file.parts[i];
            fuzz_must(part->sql >= file.text && part->sql + part->sql_len <= file.text + file.text_len);
            fuzz_must(part->line >= 1);
            fuzz_must(eventure__file_line(&file, part->sql) >= part->line);
            fuzz_must(eventure__sql_skip_blank(part->sql, part->sql + part->sql_len) <= part->sql + part->sql_len);
            eventure__sql_says_now(part->sql, part->sql + part->sql_len);
        }
    eventure__file_free(&file);
    return 0;
}
