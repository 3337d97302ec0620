# Target `docs`: the API reference, from the public headers alone. A warning, such as for an undocumented symbol, fails.

find_program(EVENTURE_DOXYGEN NAMES doxygen)
if(EVENTURE_DOXYGEN)
    set(EVENTURE_DOXYGEN_INPUT "")
    set(EVENTURE_DOCUMENTED_HEADERS ${EVENTURE_PUBLIC_HEADERS})
    # The names of before 1.0 are documented under their new names.
    list(FILTER EVENTURE_DOCUMENTED_HEADERS EXCLUDE REGEX "/old_names\\.h$")
    foreach(header IN LISTS EVENTURE_DOCUMENTED_HEADERS)
        string(APPEND EVENTURE_DOXYGEN_INPUT " \"${header}\"")
    endforeach()
    configure_file(docs/Doxyfile.in "${PROJECT_BINARY_DIR}/Doxyfile" @ONLY)
    add_custom_target(docs
        COMMAND "${EVENTURE_DOXYGEN}" "${PROJECT_BINARY_DIR}/Doxyfile"
        DEPENDS ${EVENTURE_PUBLIC_HEADERS} "${PROJECT_SOURCE_DIR}/docs/mainpage.md"
        COMMENT "API reference in docs/html"
        VERBATIM)
else()
    add_custom_target(docs
        COMMAND "${CMAKE_COMMAND}" -E echo "docs: install doxygen and configure again"
        COMMAND "${CMAKE_COMMAND}" -E false
        VERBATIM)
endif()
