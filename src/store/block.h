/*
 * Blocks: eight ticks each, from 0 on. Types are found by them; see schema/migrations/0005_type_blocks.sql, where the
 * number stands for good.
 */
#ifndef EVENTURE_STORE_BLOCK_H
#define EVENTURE_STORE_BLOCK_H

#include <stdint.h>

static inline int64_t eventure__block_of(int64_t tick)
{
    return tick / 8;
}

#endif
