# Run by tools/postgres/CMakeLists.txt at build time: cmake -DSCRIPTS=<directory> -DOUTPUT=<directory> -P
# EmbedPostgresScript.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/Bytes.cmake")

set(arrays "")
set(declarations "")
set(pointers "")
foreach(name IN ITEMS schema shipping questions)
    eventure_bytes_of_file("${SCRIPTS}/${name}.sql" "bytes_of_${name}" array)
    string(APPEND arrays "${array}\n")
    string(APPEND declarations "extern const char *const postgres_${name}_sql;\n")
    string(APPEND pointers "const char *const postgres_${name}_sql = (const char *)bytes_of_${name};\n")
endforeach()
set(header "/* Made from the scripts of tools/postgres/ by cmake/EmbedPostgresScript.cmake: do not edit. */
#ifndef POSTGRES_SQL_H
#define POSTGRES_SQL_H

/* The scripts that make the schema, in this order. */
${declarations}
#endif
")
set(source "/* Made from the scripts of tools/postgres/ by cmake/EmbedPostgresScript.cmake: do not edit. */
#include \"postgres_sql.h\"

${arrays}${pointers}")
eventure_write_if_different("${OUTPUT}/postgres_sql.h" "${header}")
eventure_write_if_different("${OUTPUT}/postgres_sql.c" "${source}")
