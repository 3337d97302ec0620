# The target `amalgamation`: the library as one source file and one header, amalgamation/eventure.c and .h in the build
# tree, and the header for C++ beside them. tools/amalgamate.py describes what they contain. The target exists where Python 3 is installed.

find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND)
    return()
endif()

set(EVENTURE_AMALGAMATION_DIR "${PROJECT_BINARY_DIR}/amalgamation")
get_target_property(sources eventure_objects SOURCES)
list(FILTER sources INCLUDE REGEX "\\.c$")
file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*.h")
add_custom_command(
    OUTPUT "${EVENTURE_AMALGAMATION_DIR}/eventure.c" "${EVENTURE_AMALGAMATION_DIR}/eventure.h"
        "${EVENTURE_AMALGAMATION_DIR}/eventure.hpp"
    COMMAND Python3::Interpreter -B "${PROJECT_SOURCE_DIR}/tools/amalgamate.py"
        --source "${PROJECT_SOURCE_DIR}" --build "${PROJECT_BINARY_DIR}" --output "${EVENTURE_AMALGAMATION_DIR}"
        --version "${PROJECT_VERSION}" ${sources}
    DEPENDS "${PROJECT_SOURCE_DIR}/tools/amalgamate.py" ${sources} ${headers} ${EVENTURE_PUBLIC_HEADERS}
        "${PROJECT_SOURCE_DIR}/include/eventure/eventure.hpp" "${PROJECT_BINARY_DIR}/include/eventure/version.h"
    COMMENT "Writing amalgamation/eventure.c and eventure.h"
    VERBATIM)
# Another folder's generated file is not known here, only the target that makes it.
set_source_files_properties("${PROJECT_BINARY_DIR}/generated/embedded_sql.c" PROPERTIES GENERATED TRUE)
add_custom_target(amalgamation
    DEPENDS "${EVENTURE_AMALGAMATION_DIR}/eventure.c" "${EVENTURE_AMALGAMATION_DIR}/eventure.h"
        "${EVENTURE_AMALGAMATION_DIR}/eventure.hpp")
add_dependencies(amalgamation eventure_objects)
