# Instrumentation of the whole build: EVENTURE_SANITIZE, EVENTURE_COVERAGE, EVENTURE_FUZZ.

if(EVENTURE_SANITIZE)
    string(REPLACE ";" "," eventure_sanitize_list "${EVENTURE_SANITIZE}")
    add_compile_options(-fsanitize=${eventure_sanitize_list} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${eventure_sanitize_list})
    if(eventure_sanitize_list MATCHES "undefined")
        # Without this, undefined behaviour is a line on stderr and the test still passes.
        add_compile_options(-fno-sanitize-recover=all)
    endif()
    # For tests that do less under a sanitizer, or need one: the macros of gcc and clang differ.
    if(eventure_sanitize_list MATCHES "address")
        add_compile_definitions(EVENTURE_ADDRESS_SANITIZER)
    elseif(eventure_sanitize_list MATCHES "thread")
        add_compile_definitions(EVENTURE_THREAD_SANITIZER)
    endif()
endif()

if(EVENTURE_COVERAGE)
    # Counted exactly where threads and processes count at the same time.
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
    find_program(EVENTURE_GCOVR NAMES gcovr REQUIRED)
    # Deletes the counts of earlier runs, so that the figures are those of one run.
    add_custom_target(coverage_reset
        COMMAND "${CMAKE_COMMAND}" -P "${PROJECT_SOURCE_DIR}/cmake/CoverageReset.cmake"
        VERBATIM)
    # Reports the coverage of the tests that have run: a summary, the files in coverage/lines.txt, every line in
    # coverage/index.html. Fails below the bounds that docs/coverage.md names.
    add_custom_target(coverage
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${PROJECT_BINARY_DIR}/coverage"
        COMMAND "${EVENTURE_GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter "${PROJECT_SOURCE_DIR}/src/"
            --exclude-lines-by-pattern ".*\\bassert\\(.*"
            --fail-under-line 95 --fail-under-branch 85 --print-summary
            --txt "${PROJECT_BINARY_DIR}/coverage/lines.txt"
            --html-details "${PROJECT_BINARY_DIR}/coverage/index.html" "${PROJECT_BINARY_DIR}"
        VERBATIM)
endif()

if(EVENTURE_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "EVENTURE_FUZZ needs clang, the compiler is ${CMAKE_C_COMPILER_ID}")
    endif()
    add_compile_definitions(EVENTURE_LIBFUZZER)
    # The library is instrumented for coverage; only the fuzzers themselves link libFuzzer's main.
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()
