# Run by ManPages.cmake at build time: cmake -DTEXTS=<directory> -DOUTPUT=<directory> -P EmbedHelpScript.cmake
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/Bytes.cmake")

file(GLOB texts "${TEXTS}/*.txt")
list(SORT texts)
set(arrays "")
set(rows "")
set(count 0)
foreach(text IN LISTS texts)
    get_filename_component(name "${text}" NAME_WE)
    string(MAKE_C_IDENTIFIER "help_${name}" identifier)
    eventure_bytes_of_file("${text}" "${identifier}" array)
    string(APPEND arrays "${array}\n")
    string(APPEND rows "    {\"${name}\", (const char *)${identifier}},\n")
    math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
    message(FATAL_ERROR "no .txt file in ${TEXTS}")
endif()

set(header "/* Made from the texts of the commands by cmake/EmbedHelpScript.cmake: do not edit. */
#ifndef COMMAND_HELP_H
#define COMMAND_HELP_H

#include <stddef.h>

/* What --help prints for one command; \"eventure\" is the program itself. */
typedef struct command_help
{
    const char *name;
    const char *text;
} command_help;

extern const command_help command_helps[]; /* By name, in the order of bytes. */
extern const size_t command_helps_count;

#endif
")
set(source "/* Made from the texts of the commands by cmake/EmbedHelpScript.cmake: do not edit. */
#include \"command_help.h\"

${arrays}const command_help command_helps[] = {
${rows}};
const size_t command_helps_count = ${count};
")
eventure_write_if_different("${OUTPUT}/command_help.h" "${header}")
eventure_write_if_different("${OUTPUT}/command_help.c" "${source}")
