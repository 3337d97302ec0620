# The files of `cmake --install`: both libraries, headers, a CMake package, pkg-config files, the library's man pages.
# The command line installs itself and its man pages (tools/eventure/CMakeLists.txt).
#
# Everything finds its neighbours relative to itself, so an installed tree may be moved, or installed with
# `cmake --install --prefix`.

include(CMakePackageConfigHelpers)

set(EVENTURE_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/eventure")

# Two export sets: the shared library needs nothing of the consumer, the static one the packages it is made of.
install(TARGETS eventure EXPORT eventure-shared
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(TARGETS eventure_static EXPORT eventure-static
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(FILES include/eventure/eventure.hpp
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/eventure"
    COMPONENT development)
foreach(kind IN ITEMS shared static)
    install(EXPORT eventure-${kind}
        NAMESPACE eventure::
        FILE eventure-${kind}-targets.cmake
        DESTINATION "${EVENTURE_PACKAGE_DIR}"
        COMPONENT development)
endforeach()

configure_package_config_file(cmake/eventure-config.cmake.in "${PROJECT_BINARY_DIR}/eventure-config.cmake"
    INSTALL_DESTINATION "${EVENTURE_PACKAGE_DIR}"
    NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may be incompatible.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/eventure-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/eventure-config.cmake"
    "${PROJECT_BINARY_DIR}/eventure-config-version.cmake"
    DESTINATION "${EVENTURE_PACKAGE_DIR}"
    COMPONENT development)

# The pkg-config files name their prefix relative to where they lie; only absolute install directories stay absolute.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(EVENTURE_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
    set(EVENTURE_PC_LIBDIR "${CMAKE_INSTALL_FULL_LIBDIR}")
    set(EVENTURE_PC_INCLUDEDIR "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
    file(RELATIVE_PATH EVENTURE_PC_UP "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
    string(REGEX REPLACE "/$" "" EVENTURE_PC_UP "${EVENTURE_PC_UP}")
    set(EVENTURE_PC_PREFIX "\${pcfiledir}/${EVENTURE_PC_UP}")
    set(EVENTURE_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(EVENTURE_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(cmake/eventure.pc.in "${PROJECT_BINARY_DIR}/eventure.pc" @ONLY)
configure_file(cmake/eventure-static.pc.in "${PROJECT_BINARY_DIR}/eventure-static.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/eventure.pc" "${PROJECT_BINARY_DIR}/eventure-static.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT development)

eventure_library_man_pages(docs/man/eventure.3.in
    ${EVENTURE_PUBLIC_HEADERS} "${PROJECT_BINARY_DIR}/include/eventure/version.h")
install(FILES docs/man/eventure.5 DESTINATION "${CMAKE_INSTALL_MANDIR}/man5" COMPONENT runtime)
# The documents and the examples lie as in the sources, so that the links of README.md lead to them.
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
    DESTINATION "${CMAKE_INSTALL_DOCDIR}"
    COMPONENT runtime)
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" COMPONENT runtime
    FILES_MATCHING PATTERN "*.md" PATTERN "*.json" PATTERN "*.png" PATTERN "*.svg"
    PATTERN man EXCLUDE PATTERN mainpage.md EXCLUDE)
install(DIRECTORY examples/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT development
    PATTERN __pycache__ EXCLUDE)
