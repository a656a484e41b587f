# SPDX-License-Identifier: Apache-2.0
#
# Files embedded in the program: sql/ as text, web/dist as the page. The assembler's .incbin copies
# them; they do not become C++ literals.

# Everything under sql/, in path order, as atlas::sql's table (src/assets/sql.h).
function(atlas_embed_sql out)
    set(root "${CMAKE_SOURCE_DIR}/sql")
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/*.sql")
    list(SORT files)
    set(assembly "    .section .rodata\n")
    set(externs "")
    set(rows "")
    set(paths "")
    set(number 0)
    foreach(file IN LISTS files)
        string(APPEND assembly "    .global atlas_sql_${number}\natlas_sql_${number}:\n"
               "    .incbin \"${root}/${file}\"\n    .global atlas_sql_${number}_end\n"
               "atlas_sql_${number}_end:\n    .byte 0\n")
        string(APPEND externs "extern const char atlas_sql_${number}[];\n"
               "extern const char atlas_sql_${number}_end[];\n")
        string(APPEND rows
               "    {\"${file}\", atlas_sql_${number}, atlas_sql_${number}_end},\n")
        list(APPEND paths "${root}/${file}")
        math(EXPR number "${number} + 1")
    endforeach()
    string(APPEND assembly "    .section .note.GNU-stack,\"\",@progbits\n")
    set(dir "${CMAKE_BINARY_DIR}/embed")
    file(CONFIGURE OUTPUT "${dir}/sql.S" CONTENT "${assembly}" @ONLY)
    file(CONFIGURE OUTPUT "${dir}/sql_table.inc" CONTENT
         "extern \"C\" {\n${externs}}\nconst Row kRows[] = {\n${rows}    {},\n};\n" @ONLY)
    set_source_files_properties("${dir}/sql.S"
                                PROPERTIES OBJECT_DEPENDS "${paths}")
    set(${out} "${dir}/sql.S" PARENT_SCOPE)
endfunction()

# Everything under web/dist, plain and gzip-compressed, as atlas::web's table (src/assets/web.h).
# The table is empty if the page has not been built.
function(atlas_embed_web out)
    set(root "${CMAKE_SOURCE_DIR}/web/dist")
    set(dir "${CMAKE_BINARY_DIR}/embed")
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/*")
    list(SORT files)
    set(assembly "    .section .rodata\n")
    set(externs "")
    set(rows "")
    set(number 0)
    file(MAKE_DIRECTORY "${dir}/web")
    foreach(file IN LISTS files)
        set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                     "${root}/${file}")
        # With the hash in its name, the assembler's input, and so the object, changes with the
        # content.
        file(SHA256 "${root}/${file}" hash)
        string(SUBSTRING "${hash}" 0 20 etag)
        set(plain "${dir}/web/${etag}")
        file(COPY_FILE "${root}/${file}" "${plain}" ONLY_IF_DIFFERENT)
        if(NOT EXISTS "${plain}.gz")
            execute_process(COMMAND gzip -9nc "${plain}" OUTPUT_FILE "${plain}.gz"
                            COMMAND_ERROR_IS_FATAL ANY)
        endif()
        atlas_content_type("${file}" type)
        string(APPEND assembly
               "    .global atlas_web_${number}\natlas_web_${number}:\n    .incbin \"${plain}\"\n"
               "    .global atlas_web_${number}_gz\natlas_web_${number}_gz:\n"
               "    .incbin \"${plain}.gz\"\n    .global atlas_web_${number}_end\n"
               "atlas_web_${number}_end:\n    .byte 0\n")
        foreach(suffix "" _gz _end)
            string(APPEND externs "extern const char atlas_web_${number}${suffix}[];\n")
        endforeach()
        string(APPEND rows "    {\"/${file}\", \"${type}\", \"\\\"${etag}\\\"\","
               " atlas_web_${number}, atlas_web_${number}_gz, atlas_web_${number}_end},\n")
        math(EXPR number "${number} + 1")
    endforeach()
    string(APPEND assembly "    .section .note.GNU-stack,\"\",@progbits\n")
    file(CONFIGURE OUTPUT "${dir}/web.S" CONTENT "${assembly}" @ONLY)
    file(CONFIGURE OUTPUT "${dir}/web_table.inc" CONTENT
         "extern \"C\" {\n${externs}}\nconst Row kRows[] = {\n${rows}    {},\n};\n" @ONLY)
    set(${out} "${dir}/web.S" PARENT_SCOPE)
endfunction()

function(atlas_content_type file out)
    set(type application/octet-stream)
    cmake_path(GET file EXTENSION LAST_ONLY extension)
    if(extension STREQUAL ".html")
        set(type "text/html; charset=utf-8")
    elseif(extension STREQUAL ".js")
        set(type "text/javascript; charset=utf-8")
    elseif(extension STREQUAL ".css")
        set(type "text/css; charset=utf-8")
    elseif(extension STREQUAL ".svg")
        set(type image/svg+xml)
    elseif(extension STREQUAL ".json" OR extension STREQUAL ".map")
        set(type application/json)
    elseif(extension STREQUAL ".png")
        set(type image/png)
    elseif(extension STREQUAL ".ico")
        set(type image/x-icon)
    elseif(extension STREQUAL ".woff2")
        set(type font/woff2)
    elseif(extension STREQUAL ".txt")
        set(type "text/plain; charset=utf-8")
    endif()
    set(${out} "${type}" PARENT_SCOPE)
endfunction()

# The OpenAPI document, as atlas::docs provides it (src/assets/docs.h).
function(atlas_embed_docs out)
    set(file "${CMAKE_SOURCE_DIR}/docs/openapi.yaml")
    set(assembly "${CMAKE_BINARY_DIR}/embed/docs.S")
    file(CONFIGURE OUTPUT "${assembly}" @ONLY CONTENT
         "    .section .rodata\n\
    .global atlas_openapi\natlas_openapi:\n    .incbin \"${file}\"\n\
    .global atlas_openapi_end\natlas_openapi_end:\n    .byte 0\n\
    .section .note.GNU-stack,\"\",@progbits\n")
    set_source_files_properties("${assembly}"
                                PROPERTIES OBJECT_DEPENDS "${file}")
    set(${out} "${assembly}" PARENT_SCOPE)
endfunction()
