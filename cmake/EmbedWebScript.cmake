# Run by tools/serve/CMakeLists.txt at build time: cmake -DWEB=<directory> -DOUTPUT=<directory> -P EmbedWebScript.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/Bytes.cmake")

file(GLOB files "${WEB}/*.html" "${WEB}/*.css" "${WEB}/*.js" "${WEB}/*.svg")
list(SORT files)
set(arrays "")
set(rows "")
set(count 0)
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    string(MAKE_C_IDENTIFIER "web_${name}" identifier)
    eventure_bytes_of_file("${file}" "${identifier}" array)
    string(APPEND arrays "${array}\n")
    string(APPEND rows "    {\"${name}\", ${identifier}, sizeof ${identifier} - 1},\n")
    math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
    message(FATAL_ERROR "there is no page in ${WEB}")
endif()

set(header "/* Made from tools/serve/web/ by cmake/EmbedWebScript.cmake: do not edit. */
#ifndef WEB_FILES_H
#define WEB_FILES_H

#include <stddef.h>

/* A file of the page, by its name. */
typedef struct web_file
{
    const char *name;
    const unsigned char *bytes;
    size_t len;
} web_file;

extern const web_file web_files[];
extern const size_t web_files_count;

#endif
")
set(source "/* Made from tools/serve/web/ by cmake/EmbedWebScript.cmake: do not edit. */
#include \"web_files.h\"

${arrays}const web_file web_files[] = {
${rows}};
const size_t web_files_count = ${count};
")
eventure_write_if_different("${OUTPUT}/web_files.h" "${header}")
eventure_write_if_different("${OUTPUT}/web_files.c" "${source}")
