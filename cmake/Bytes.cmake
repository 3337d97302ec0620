# Text files as C byte arrays, for the generators that run as `cmake -P`.

# Sets <out> to the definition of `static const unsigned char <name>[]`, closed by a NUL byte, holding the file <path>.
function(eventure_bytes_of_file path name out)
    file(READ "${path}" hex HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " body "${hex}")
    string(REPLACE ", \n" ",\n    " body "${body}")
    set(${out} "static const unsigned char ${name}[] = {\n    ${body}0x00};\n" PARENT_SCOPE)
endfunction()

# Writes <path> only when its content differs from <content>, so that unchanged files are not compiled again.
function(eventure_write_if_different path content)
    if(EXISTS "${path}")
        file(READ "${path}" old)
        if(old STREQUAL content)
            file(TOUCH "${path}")
            return()
        endif()
    endif()
    file(WRITE "${path}" "${content}")
endfunction()
