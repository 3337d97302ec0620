/* The header under test is included from the command line (-include); a translation unit must not be empty. */
typedef int header_probe;
