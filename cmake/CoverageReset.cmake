# Run by the target coverage_reset in the build directory: removes the counts that gcov's runs left there.
file(GLOB_RECURSE counts "${CMAKE_CURRENT_BINARY_DIR}/*.gcda")
if(counts)
    file(REMOVE ${counts})
endif()
