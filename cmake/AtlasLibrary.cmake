# SPDX-License-Identifier: Apache-2.0
#
# From rooms and suffixes to targets. A room is a folder with a row in the table of src/README.md;
# folders below it without a row belong to it.
#
#     src/<room>/*.cc              static library  atlas_<room>, with _ for /
#     src/<top>/**/*_test.cc       one program     atlas_<top>_test      GoogleTest
#     src/<top>/**/*_pgtest.cc     one program     atlas_<top>_pgtest    GoogleTest + PostgreSQL
#     src/<top>/**/*_bench.cc      one program     atlas_<top>_bench     Google Benchmark
#     src/<top>/**/x_fuzz.cc       a program each, atlas_<top>_x_fuzz    preset asan only
#
# A room links to what its row in that table allows; the include check reads the same table.
atlas_make_pch(atlas_pch "" fmt::fmt ${ATLAS_PCH_HEADERS})
set(ATLAS_TEST_OPTIONS -O0 ${ATLAS_NOT_FUZZED})
atlas_make_pch(atlas_test_pch "${ATLAS_TEST_OPTIONS}" "fmt::fmt;GTest::gmock"
               ${ATLAS_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

# Every test program of the preset, and every fuzzer.
add_custom_target(atlas_tests)
add_custom_target(atlas_fuzzers)

# Reads the table: sets ATLAS_ROOMS, ATLAS_TOPS (their first folders, each once) and, for each room,
# ATLAS_DEPS_<room>. A permission for one header counts as one for its room.
macro(atlas_read_rooms)
    set(readme "${CMAKE_SOURCE_DIR}/src/README.md")
    set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND
                 PROPERTY CMAKE_CONFIGURE_DEPENDS "${readme}")
    set(ATLAS_ROOMS)
    set(ATLAS_TOPS)
    file(STRINGS "${readme}" rows REGEX "^\\| `[a-z_/]+` \\|[^|]*\\|[^|]*\\|$")
    foreach(row IN LISTS rows)
        string(REGEX MATCH "^\\| `([a-z_/]+)` \\|[^|]*\\|([^|]*)\\|$" matched "${row}")
        set(room ${CMAKE_MATCH_1})
        string(REGEX MATCHALL "[a-z_/.]+" deps "${CMAKE_MATCH_2}")
        list(TRANSFORM deps REPLACE "/[a-z_]+\\.h$" "")
        set(ATLAS_DEPS_${room} ${deps})
        list(APPEND ATLAS_ROOMS ${room})
        string(REGEX REPLACE "/.*" "" top ${room})
        list(APPEND ATLAS_TOPS ${top})
    endforeach()
    list(REMOVE_DUPLICATES ATLAS_TOPS)
endmacro()

function(atlas_target room out)
    string(REPLACE "/" "_" name "atlas_${room}")
    set(${out} ${name} PARENT_SCOPE)
endfunction()

# Links the libraries of the rooms that have one.
function(atlas_link_rooms target scope)
    foreach(room IN LISTS ARGN)
        atlas_target(${room} library)
        if(TARGET ${library})
            target_link_libraries(${target} ${scope} ${library})
        endif()
    endforeach()
endfunction()

function(atlas_glob out pattern)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${pattern}")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# Sets <out> to the files of a suffix that lie in the room and in no room below it.
function(atlas_room_files room suffix out)
    set(dir "${CMAKE_SOURCE_DIR}/src/${room}")
    atlas_glob(files "${dir}/*${suffix}")
    foreach(other IN LISTS ATLAS_ROOMS)
        if(other MATCHES "^${room}/")
            list(FILTER files EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/src/${other}/")
        endif()
    endforeach()
    set(${out} ${files} PARENT_SCOPE)
endfunction()

# The library of a room, with the third-party libraries in ATLAS_LIBS_<room>. When all libraries
# exist, atlas_link_room() links it to the rooms below.
function(atlas_library room)
    atlas_room_files(${room} .cc sources)
    list(FILTER sources EXCLUDE REGEX "_(test|pgtest|fuzz|bench)\\.cc$|/main\\.cc$")
    atlas_target(${room} target)
    set(scope PUBLIC)
    if(sources)
        add_library(${target} STATIC ${sources})
        atlas_use_pch(${target} atlas_pch)
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(${target} ${scope} "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(${target} ${scope} fmt::fmt ${ATLAS_LIBS_${room}})
endfunction()

function(atlas_link_room room)
    atlas_target(${room} target)
    set(scope PUBLIC)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
        set(scope INTERFACE)
    endif()
    atlas_link_rooms(${target} ${scope} ${ATLAS_DEPS_${room}})
endfunction()

# The tests, benchmarks and fuzzers of a top folder and its rooms. A test may use src/testing, which
# its library may not.
function(atlas_programs folder)
    set(dir "${CMAKE_SOURCE_DIR}/src/${folder}")
    atlas_program(${folder} test "${dir}/*_test.cc" GTest::gmock GTest::gtest_main)
    atlas_program(${folder} pgtest "${dir}/*_pgtest.cc" GTest::gmock GTest::gtest_main)
    atlas_program(${folder} bench "${dir}/*_bench.cc" benchmark::benchmark_main)
    atlas_fuzzers(${folder} "${dir}/*_fuzz.cc")
endfunction()

# Links every room of a first folder.
function(atlas_link_top target folder)
    set(rooms ${ATLAS_ROOMS})
    list(FILTER rooms INCLUDE REGEX "^${folder}(/|$)")
    atlas_link_rooms(${target} PRIVATE ${rooms})
endfunction()

function(atlas_program folder kind pattern)
    atlas_glob(sources "${pattern}")
    if(NOT sources)
        return()
    endif()
    # The sanitizers check what handles untrusted bytes, memory and threads; the command line would
    # double their build time.
    if(ATLAS_SANITIZE AND (kind STREQUAL "bench" OR folder MATCHES "^(app|cli)$"))
        return()
    endif()
    # Around a fork the allocator of DuckDB holds more locks than ThreadSanitizer follows: 64.
    if(ATLAS_SANITIZE STREQUAL "thread")
        list(FILTER sources EXCLUDE REGEX "/duckdb/crash_test\\.cc$")
    endif()
    set(target atlas_${folder}_${kind})
    add_executable(${target} ${sources})
    if(kind STREQUAL "bench")
        atlas_use_pch(${target} atlas_pch)
    else()
        target_compile_options(${target} PRIVATE ${ATLAS_TEST_OPTIONS})
        atlas_use_pch(${target} atlas_test_pch)
    endif()
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/src")
    atlas_link_top(${target} ${folder})
    atlas_link_rooms(${target} PRIVATE testing)
    target_link_libraries(${target} PRIVATE lib::boost ${ARGN})
    if(NOT kind STREQUAL "bench")
        atlas_add_test(${folder}.${kind} ${kind} ${target})
    endif()
endfunction()

# Registers a test program, in a sanitizer preset with the name of the preset as its prefix.
function(atlas_add_test name label target)
    set(timeout 300)
    if(ATLAS_SANITIZE)
        string(PREPEND name "${ATLAS_PRESET}.")
        set(timeout 900)
    endif()
    add_test(NAME ${name} COMMAND ${target})
    # A small quarantine, because tests check the resident memory.
    set(asan quarantine_size_mb=16)
    set(tsan "halt_on_error=1 suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp")
    set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS ${label}
        ENVIRONMENT "ASAN_OPTIONS=${asan};UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=${tsan}")
    if(label STREQUAL "pgtest")
        set_tests_properties(${name} PROPERTIES COST 20)
    endif()
    add_dependencies(atlas_tests ${target})
endfunction()

function(atlas_fuzzers folder pattern)
    atlas_glob(sources "${pattern}")
    if(NOT ATLAS_FUZZ)
        return()
    endif()
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        set(target atlas_${folder}_${name})
        add_executable(${target} ${source})
        atlas_use_pch(${target} atlas_pch)
        target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/src")
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        atlas_link_top(${target} ${folder})
        atlas_add_fuzzing(fuzz.${folder}.${name} fuzz ${target} 10)
        atlas_add_fuzzing(fuzz.${folder}.${name}.long all ${target} 60)
        add_dependencies(atlas_fuzzers ${target})
    endforeach()
endfunction()

# ctest runs twice as many tests at once as there are processors; a fuzzer never waits and counts
# for two.
function(atlas_add_fuzzing name label target seconds)
    add_test(NAME ${name}
             COMMAND "${CMAKE_SOURCE_DIR}/tools/fuzz-one" $<TARGET_FILE:${target}> ${seconds})
    math(EXPR timeout "${seconds} + 110")
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${timeout} LABELS ${label} COST ${seconds} PROCESSORS 2)
endfunction()
