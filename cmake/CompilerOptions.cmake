# SPDX-License-Identifier: Apache-2.0
#
# Language, warnings, sanitizers, compiler cache and precompiled headers for all of our targets. The
# presets choose optimisation and sanitizer.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
set(ATLAS_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
option(ATLAS_FUZZ "Build the *_fuzz.cc programs, and libraries that tell them where they went" OFF)

add_compile_options(
    $<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
    $<$<COMPILE_LANGUAGE:CXX>:-Wpedantic> $<$<COMPILE_LANGUAGE:CXX>:-Wshadow>
    $<$<COMPILE_LANGUAGE:CXX>:-Wconversion> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<COMPILE_LANGUAGE:CXX>:-Wimplicit-fallthrough> $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>
    $<$<COMPILE_LANGUAGE:CXX>:-Werror> $<$<COMPILE_LANGUAGE:CXX>:-fcolor-diagnostics>)

# Every x86-64 machine since 2009; the vectorised loops of the live index need SSE4.2.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-march=x86-64-v2 -mtune=generic)
endif()

# Paths in debug information and __FILE__ are relative, so that two clones compile the same bytes
# and share the compiler cache.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(ATLAS_SANITIZE)
    add_compile_options(-fsanitize=${ATLAS_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${ATLAS_SANITIZE} -fno-sanitize-recover=all)
endif()
# One build serves the tests under the sanitizer and the fuzzers. What no fuzzer learns from is
# compiled without its counters.
if(ATLAS_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
    set(ATLAS_NOT_FUZZED -fno-sanitize=fuzzer-no-link)
endif()

find_program(ATLAS_CCACHE ccache)
if(ATLAS_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_COMPILERCHECK=%compiler%\ --version CCACHE_PCH_EXTSUM=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${ATLAS_CCACHE})
endif()

# Two precompiled headers: common headers of the standard library and fmt for all targets, and the
# same plus GoogleTest for tests, which are compiled without optimisation. Together they save a
# third of the time per file. Targets use one through atlas_use_pch().
#
# A precompiled header contains absolute paths, so its bytes differ between clones. The compiler
# cache therefore reads the .sum file beside it, which lists its inputs; for that, CMake must name
# the header on the command line only once.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
set(ATLAS_PCH_HEADERS
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cstddef> <cstdint> <cstring> <deque>
    <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <optional> <set> <span>
    <sstream> <string> <string_view> <system_error> <thread> <tuple> <unordered_map>
    <unordered_set> <utility> <variant> <vector> <fmt/core.h> <fmt/format.h>)

# atlas_make_pch(<name> <compile options> <library> HEADERS...)
function(atlas_make_pch name option library)
    file(WRITE "${CMAKE_BINARY_DIR}/pch/${name}.cc" "// The owner of a precompiled header.\n")
    add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/pch/${name}.cc")
    target_link_libraries(${name} PRIVATE ${library})
    target_compile_options(${name} PRIVATE ${option})
    target_precompile_headers(${name} PRIVATE ${ARGN})
    execute_process(
        COMMAND dpkg-query -W clang-19 libstdc++-12-dev libc6-dev libfmt-dev libgtest-dev
        OUTPUT_VARIABLE versions ERROR_QUIET)
    file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.pch.sum"
         CONTENT "${option} ${ARGN}\n${versions}${fmt_VERSION}\n")
endfunction()

function(atlas_use_pch target name)
    target_link_libraries(${target} PRIVATE fmt::fmt)
    target_precompile_headers(${target} REUSE_FROM ${name})
endfunction()
