# Embeds schema/**/*.sql into the library as bytes: embedded_sql.h and embedded_sql.c in the build tree.
#
# Bytes, because a string literal of more than 4,095 characters is not portable C. The listing is made when CMake runs
# (and CMake runs again when a file is added or removed); the bytes are made when the build runs.

function(eventure_embed_sql target)
    set(schema "${PROJECT_SOURCE_DIR}/schema")
    set(output "${PROJECT_BINARY_DIR}/generated")
    file(GLOB tables CONFIGURE_DEPENDS "${schema}/tables/*.sql")
    file(GLOB indexes CONFIGURE_DEPENDS "${schema}/indexes/*.sql")
    file(GLOB views CONFIGURE_DEPENDS "${schema}/views/*.sql")
    file(GLOB queries CONFIGURE_DEPENDS "${schema}/queries/*.sql")
    file(GLOB functions CONFIGURE_DEPENDS "${schema}/functions/*.sql")
    file(GLOB fragments CONFIGURE_DEPENDS "${schema}/fragments/*.sql")
    file(GLOB upgrade CONFIGURE_DEPENDS "${schema}/upgrade/*.sql")
    set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedSqlScript.cmake")
    add_custom_command(
        OUTPUT "${output}/embedded_sql.h" "${output}/embedded_sql.c"
        COMMAND "${CMAKE_COMMAND}" "-DSCHEMA=${schema}" "-DOUTPUT=${output}" -P "${script}"
        DEPENDS ${tables} ${indexes} ${views} ${queries} ${functions} ${fragments} ${upgrade} "${script}" "${PROJECT_SOURCE_DIR}/cmake/Bytes.cmake"
        COMMENT "Embedding the SQL of schema/"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}/embedded_sql.h" "${output}/embedded_sql.c")
    target_include_directories(${target} PUBLIC "${output}")
endfunction()
