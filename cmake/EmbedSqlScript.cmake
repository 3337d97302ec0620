# Run by EmbedSql.cmake at build time: cmake -DSCHEMA=... -DOUTPUT=... -P EmbedSqlScript.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/Bytes.cmake")

set(declarations "")
set(arrays "")
set(tables "")

# A folder whose files are one ordered list: eventure__<list>[] and eventure__<list>_count.
function(embed_list list)
    file(GLOB files "${SCHEMA}/${list}/*.sql")
    list(SORT files)
    set(rows "")
    set(count 0)
    foreach(file IN LISTS files)
        get_filename_component(name "${file}" NAME_WE)
        eventure_bytes_of_file("${file}" "${list}_${name}" array)
        string(APPEND arrays "${array}\n")
        string(APPEND rows "    {\"${name}\", (const char *)${list}_${name}},\n")
        math(EXPR count "${count} + 1")
    endforeach()
    if(count EQUAL 0)
        message(FATAL_ERROR "no .sql file in ${SCHEMA}/${list}")
    endif()
    string(APPEND tables "const eventure__sql eventure__${list}[] = {\n${rows}};\n"
        "const size_t eventure__${list}_count = ${count};\n\n")
    string(APPEND declarations "extern const eventure__sql eventure__${list}[];\n"
        "extern const size_t eventure__${list}_count;\n")
    set(arrays "${arrays}" PARENT_SCOPE)
    set(tables "${tables}" PARENT_SCOPE)
    set(declarations "${declarations}" PARENT_SCOPE)
endfunction()

embed_list(tables)
embed_list(indexes)
embed_list(views)

# A line "-- include <name>" of a statement is replaced by the file fragments/<name>.sql. Sets <out> to a file with the
# whole statement.
function(include_fragments file name out)
    file(READ "${file}" text)
    while(text MATCHES "-- include ([a-z_]+)\n")
        set(line "${CMAKE_MATCH_0}")
        file(READ "${SCHEMA}/fragments/${CMAKE_MATCH_1}.sql" fragment)
        string(REPLACE "${line}" "${fragment}" text "${text}")
        set(file "${OUTPUT}/statements/${name}.sql")
    endwhile()
    file(WRITE "${OUTPUT}/statements/${name}.sql" "${text}")
    set(${out} "${file}" PARENT_SCOPE)
endfunction()

# A folder of single statements: eventure__<prefix>_<name> each.
function(embed_statements folder prefix)
    file(GLOB files "${SCHEMA}/${folder}/*.sql")
    list(SORT files)
    foreach(file IN LISTS files)
        get_filename_component(name "${file}" NAME_WE)
        include_fragments("${file}" "${prefix}_${name}" file)
        eventure_bytes_of_file("${file}" "${prefix}_${name}" array)
        string(APPEND arrays "${array}\n")
        string(APPEND tables "const eventure__sql eventure__${prefix}_${name} = {\"${name}\", "
            "(const char *)${prefix}_${name}};\n")
        string(APPEND declarations "extern const eventure__sql eventure__${prefix}_${name};\n")
    endforeach()
    set(arrays "${arrays}" PARENT_SCOPE)
    set(tables "${tables}" PARENT_SCOPE)
    set(declarations "${declarations}" PARENT_SCOPE)
endfunction()

embed_statements(queries query)
embed_statements(functions function)
embed_statements(upgrade upgrade)

set(header "/* Made from schema/ by cmake/EmbedSqlScript.cmake: do not edit. */
#ifndef EVENTURE__EMBEDDED_SQL_H
#define EVENTURE__EMBEDDED_SQL_H

#include <stddef.h>

/* One .sql file: its name without suffix, and its NUL-terminated text. */
typedef struct eventure__sql
{
    const char *name;
    const char *text;
} eventure__sql;

${declarations}
#endif
")
set(source "/* Made from schema/ by cmake/EmbedSqlScript.cmake: do not edit. */
#include \"embedded_sql.h\"

${arrays}${tables}")
eventure_write_if_different("${OUTPUT}/embedded_sql.h" "${header}")
eventure_write_if_different("${OUTPUT}/embedded_sql.c" "${source}")
