# One text file a command, tools/eventure/commands/<name>.txt, is both what --help prints and its man page.
#
#   eventure_embed_command_help(<target> <directory>)   "command_help.h" and the texts as bytes, in the program
#   eventure_command_man_pages(<directory>)             target `man`: <directory>/<name>.txt becomes eventure-<name>.1,
#                                                       eventure.txt becomes eventure.1; installed
#
# The format is described in cmake/text2man.awk.

function(eventure_embed_command_help target directory)
    get_filename_component(directory "${directory}" ABSOLUTE)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/generated")
    file(GLOB texts CONFIGURE_DEPENDS "${directory}/*.txt")
    set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedHelpScript.cmake")
    add_custom_command(
        OUTPUT "${output}/command_help.h" "${output}/command_help.c"
        COMMAND "${CMAKE_COMMAND}" "-DTEXTS=${directory}" "-DOUTPUT=${output}" -P "${script}"
        DEPENDS ${texts} "${script}" "${PROJECT_SOURCE_DIR}/cmake/Bytes.cmake"
        COMMENT "Embedding the help of the commands"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}/command_help.h" "${output}/command_help.c")
    target_include_directories(${target} PRIVATE "${output}")
endfunction()

function(eventure_command_man_pages directory)
    get_filename_component(directory "${directory}" ABSOLUTE)
    set(converter "${PROJECT_SOURCE_DIR}/cmake/text2man.awk")
    find_program(EVENTURE_AWK NAMES awk REQUIRED)
    file(GLOB texts CONFIGURE_DEPENDS "${directory}/*.txt")
    set(pages "")
    foreach(text IN LISTS texts)
        get_filename_component(name "${text}" NAME_WE)
        if(NOT name STREQUAL "eventure")
            set(name "eventure-${name}")
        endif()
        set(page "${PROJECT_BINARY_DIR}/man/${name}.1")
        add_custom_command(
            OUTPUT "${page}"
            COMMAND "${EVENTURE_AWK}" -v "name=${name}" -v "version=${PROJECT_VERSION}" -v "output=${page}"
                -f "${converter}" "${text}"
            DEPENDS "${text}" "${converter}"
            COMMENT "Man page ${name}.1"
            VERBATIM)
        list(APPEND pages "${page}")
    endforeach()
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man")
    add_custom_target(man ALL DEPENDS ${pages})
    install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endfunction()
