# The warnings that the project's own targets are compiled with; users of the package do not see them.
#
# Link a target PRIVATE to eventure_warnings to have them. They are errors only with EVENTURE_WERROR.

add_library(eventure_warnings INTERFACE)
target_compile_options(eventure_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    -Wformat=2 -Wno-format-nonliteral -Wundef -Wvla
    $<$<BOOL:${EVENTURE_WERROR}>:-Werror>)

# -std=c11 hides what POSIX and BSD declare; the sources use them, so ask for them by name.
set(EVENTURE_PLATFORM_DEFINITIONS _DEFAULT_SOURCE)
if(APPLE)
    list(APPEND EVENTURE_PLATFORM_DEFINITIONS _DARWIN_C_SOURCE)
endif()
