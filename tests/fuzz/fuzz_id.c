/*
 * Any id: an id that is accepted as a derived id is formatted to the same bytes.
 */
#include <string.h>

#include "event/id.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    eventure__id id;
    char text[EVENTURE__ID_BYTES];
    if (!eventure__id_parse((const char *)bytes, len, &id))
        return 0;
    size_t text_len = eventure__id_format(text, id.tick, id.hash, id.n);
    fuzz_must(text_len == len && memcmp(text, bytes, len) == 0);
    fuzz_must(id.tick >= 0 && id.n >= 1 && eventure__hash_code(id.hash) < EVENTURE__HASH_CODES);
    return 0;
}
