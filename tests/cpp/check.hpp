/*
 * Shared by the tests of eventure.hpp: a check that prints the place and ends the program, and a new store.
 */
#ifndef TESTS_CPP_CHECK_HPP
#define TESTS_CPP_CHECK_HPP

#include <cstdio>
#include <cstdlib>
#include <string>

#include <eventure/eventure.hpp>

#define CHECK(condition)                                                                                               \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
        {                                                                                                              \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                       \
            std::exit(1);                                                                                              \
        }                                                                                                              \
    }                                                                                                                  \
    while (false)

/* The path of a store that does not exist yet. */
inline std::string new_store(const char *name)
{
    std::string path = std::string(name) + ".db";
    for (const char *suffix : {"", "-wal", "-shm"})
        std::remove((path + suffix).c_str());
    return path;
}

#endif
