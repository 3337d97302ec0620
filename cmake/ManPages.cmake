# One text file a command, tools/eventure/commands/<name>.txt, is both what --help prints and its man page.
#
#   eventure_embed_command_help(<target> <directory>)   "command_help.h" and the texts as bytes, in the program
#   eventure_command_man_pages(<directory>)             target `man`: <directory>/<name>.txt becomes eventure-<name>.1,
#                                                       eventure.txt becomes eventure.1; installed
#
# The format is described in cmake/text2man.awk.
#
#   eventure_library_man_pages(<template> <header>...)  target `man3`: each public header becomes a page of section 3,
#                                                       each function and type a page that leads to it, and the
#                                                       template the overview, eventure.3; installed
#
# The pages are made from the headers by cmake/headers2man.awk.

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

find_program(EVENTURE_AWK NAMES awk REQUIRED)

function(eventure_command_man_pages directory)
    get_filename_component(directory "${directory}" ABSOLUTE)
    set(converter "${PROJECT_SOURCE_DIR}/cmake/text2man.awk")
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

function(eventure_library_man_pages template)
    get_filename_component(template "${template}" ABSOLUTE)
    set(converter "${PROJECT_SOURCE_DIR}/cmake/headers2man.awk")
    set(directory "${PROJECT_BINARY_DIR}/man/man3")
    # The names of the pages are known only once the headers were read: the stamp represents all of them. The directory
    # is made again each time, so that the page of a function that was renamed does not stay.
    set(stamp "${PROJECT_BINARY_DIR}/man/man3.stamp")
    # SOURCE_DATE_EPOCH, where it is set, makes the date that of the release.
    string(TIMESTAMP date "%B %d, %Y" UTC)
    add_custom_command(
        OUTPUT "${stamp}"
        COMMAND "${CMAKE_COMMAND}" -E rm -rf "${directory}"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${directory}"
        COMMAND "${EVENTURE_AWK}" -v "output=${directory}" -v "version=${PROJECT_VERSION}" -v "date=${date}"
            -f "${converter}" ${ARGN} "${template}"
        COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
        DEPENDS ${ARGN} "${template}" "${converter}"
        COMMENT "Man pages of the library"
        VERBATIM)
    add_custom_target(man3 ALL DEPENDS "${stamp}")
    install(DIRECTORY "${directory}" DESTINATION "${CMAKE_INSTALL_MANDIR}" COMPONENT development)
endfunction()
