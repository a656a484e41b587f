# SPDX-License-Identifier: Apache-2.0
#
# From folders and suffixes to targets:
#
#     src/<folder>/**/*.cc       static library  atlas_<folder>
#     src/<folder>/**/*_test.cc    one program   atlas_<folder>_test      GoogleTest
#     src/<folder>/**/*_pgtest.cc  one program   atlas_<folder>_pgtest    GoogleTest + PostgreSQL
#     src/<folder>/**/*_bench.cc   one program   atlas_<folder>_bench     Google Benchmark
#     src/<folder>/**/x_fuzz.cc    a program each, atlas_<folder>_x_fuzz  preset asan only
#
# What a folder links to is read from the table in src/README.md, the same that the include check
# reads: the arrow of dependencies is written down once.
atlas_make_pch(atlas_pch "" fmt::fmt ${ATLAS_PCH_HEADERS})
set(ATLAS_TEST_OPTIONS -O0 ${ATLAS_NOT_FUZZED})
atlas_make_pch(atlas_test_pch "${ATLAS_TEST_OPTIONS}" "fmt::fmt;GTest::gmock"
               ${ATLAS_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

# Build every test program of the preset, and every fuzzer.
add_custom_target(atlas_tests)
add_custom_target(atlas_fuzzers)

# Sets <out> to the folders that <folder> may include, from its row in src/README.md.
function(atlas_folder_deps folder out)
    set(readme "${CMAKE_SOURCE_DIR}/src/README.md")
    set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND
                 PROPERTY CMAKE_CONFIGURE_DEPENDS "${readme}")
    file(STRINGS "${readme}" row REGEX "^\\| `${folder}` \\|")
    if(NOT row MATCHES "^\\| `${folder}` \\|[^|]*\\|([^|]*)\\|$")
        message(FATAL_ERROR "src/README.md has no row '| `${folder}` | what | may include |'")
    endif()
    string(REGEX MATCHALL "[a-z_]+" deps "${CMAKE_MATCH_1}")
    set(${out} ${deps} PARENT_SCOPE)
endfunction()

# Links those of atlas_<name> that exist: folders appear one after the other.
function(atlas_link_existing target scope)
    foreach(name IN LISTS ARGN)
        if(TARGET atlas_${name})
            target_link_libraries(${target} ${scope} atlas_${name})
        endif()
    endforeach()
endfunction()

function(atlas_glob out pattern)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${pattern}")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# atlas_library(<folder> [LIBS <target>...]): the library of src/<folder>; nothing when the folder
# has no files yet. Call it below the folders it includes.
function(atlas_library folder)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    set(dir "${CMAKE_SOURCE_DIR}/src/${folder}")
    atlas_glob(sources "${dir}/*.cc")
    atlas_glob(headers "${dir}/*.h")
    list(FILTER sources EXCLUDE REGEX "_(test|pgtest|fuzz|bench)\\.cc$|/main\\.cc$")
    if(NOT sources AND NOT headers)
        return()
    endif()
    if(sources)
        add_library(atlas_${folder} STATIC ${sources})
        atlas_use_pch(atlas_${folder} atlas_pch)
        set(scope PUBLIC)
    else()
        add_library(atlas_${folder} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(atlas_${folder} ${scope} "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(atlas_${folder} ${scope} fmt::fmt ${ARG_LIBS})
    atlas_folder_deps(${folder} deps)
    atlas_link_existing(atlas_${folder} ${scope} ${deps})
endfunction()

# The folder's tests, benchmarks and fuzzers. Called when every library exists, because a test may
# use what the library may not (the test support in src/testing).
function(atlas_programs folder)
    set(dir "${CMAKE_SOURCE_DIR}/src/${folder}")
    atlas_program(${folder} test "${dir}/*_test.cc" GTest::gmock GTest::gtest_main)
    atlas_program(${folder} pgtest "${dir}/*_pgtest.cc" GTest::gmock GTest::gtest_main)
    atlas_program(${folder} bench "${dir}/*_bench.cc" benchmark::benchmark_main)
    atlas_fuzzers(${folder} "${dir}/*_fuzz.cc")
endfunction()

function(atlas_program folder kind pattern)
    atlas_glob(sources "${pattern}")
    if(NOT sources)
        return()
    endif()
    # The sanitizers look at what handles foreign bytes, memory and threads; the command line would
    # double their build time.
    if(ATLAS_SANITIZE AND (kind STREQUAL "bench" OR folder MATCHES "^(app|cli)$"))
        return()
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
    atlas_link_existing(${target} PRIVATE ${folder} testing)
    target_link_libraries(${target} PRIVATE lib::boost ${ARGN})
    if(NOT kind STREQUAL "bench")
        atlas_add_test(${folder}.${kind} ${kind} ${target})
    endif()
endfunction()

# Registers a test program; those of a sanitizer preset bear its name in front.
function(atlas_add_test name label target)
    if(ATLAS_SANITIZE)
        string(PREPEND name "${ATLAS_PRESET}.")
    endif()
    add_test(NAME ${name} COMMAND ${target})
    # A small quarantine: tests watch the resident memory.
    set(asan quarantine_size_mb=16)
    set(tsan "halt_on_error=1 suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp")
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS ${label}
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
        atlas_link_existing(${target} PRIVATE ${folder})
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
