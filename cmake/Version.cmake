# SPDX-License-Identifier: Apache-2.0
#
# The version of the program, from the source tree as it is at each build:
#
#     at the tag v0.2.0            0.2.0
#     three commits after it       0.2.0+3.g1a2b3c4
#     a clone without tags         0.2.0+57.g1a2b3c4  newest version of CHANGELOG.md, number of the
#                                                     commit in the history of the clone
#     a source tree without git    0.2.0             CHANGELOG.md alone
#
# Changes of tracked files that are not committed add `dirty`: 0.2.0+dirty, 0.2.0+3.g1a2b3c4.dirty.
# Each is a semantic version and a Debian version, and is later than the release it follows and than
# the builds of the commits before it.
#
# As a script it prints the version, or writes OUTPUT, a C++ header, where that says another one:
#
#     cmake -DSOURCE=DIR [-DOUTPUT=FILE] [-DUSE_GIT=OFF] -P cmake/Version.cmake

# The first "## 0.2.0…" of CHANGELOG.md.
function(atlas_changelog_version source out)
    file(STRINGS "${source}/CHANGELOG.md" line REGEX "^## [0-9]+\\.[0-9]+\\.[0-9]+" LIMIT_COUNT 1)
    if(NOT line MATCHES "^## ([0-9]+\\.[0-9]+\\.[0-9]+)")
        message(FATAL_ERROR "${source}/CHANGELOG.md has no section '## MAJOR.MINOR.PATCH'")
    endif()
    set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

# What git says, empty on failure. A tree that belongs to another user than the one who builds is
# read, too.
function(atlas_git source out)
    execute_process(COMMAND git -c "safe.directory=${source}" ${ARGN}
                    WORKING_DIRECTORY "${source}" OUTPUT_VARIABLE said ERROR_QUIET
                    RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT status EQUAL 0)
        set(said "")
    endif()
    set(${out} "${said}" PARENT_SCOPE)
endfunction()

function(atlas_source_version source use_git out)
    atlas_changelog_version("${source}" version)
    set(build "")
    # Not the repository around an unpacked tarball: only one whose top is this very folder.
    if(use_git AND EXISTS "${source}/.git")
        atlas_git("${source}" commit describe --always --exclude * --abbrev=7 --dirty)
        atlas_git("${source}" tagged describe --tags --match v[0-9]*.[0-9]*.[0-9]*
                  --exclude *-* --exclude v*.*.*.* --long --abbrev=7)
        string(REGEX REPLACE "-dirty$" "" hash "${commit}")
        if(tagged MATCHES "^v([0-9]+\\.[0-9]+\\.[0-9]+)-([0-9]+)-(g[0-9a-f]+)$")
            set(version "${CMAKE_MATCH_1}")
            if(CMAKE_MATCH_2 GREATER 0)
                set(build "${CMAKE_MATCH_2}.${CMAKE_MATCH_3}")
            endif()
        elseif(hash)
            atlas_git("${source}" number rev-list --count HEAD)
            set(build "${number}.g${hash}")
        endif()
        if(commit MATCHES "-dirty$")
            list(APPEND build dirty)
            list(JOIN build "." build)
        endif()
    endif()
    if(build)
        string(APPEND version "+${build}")
    endif()
    set(${out} "${version}" PARENT_SCOPE)
endfunction()

# atlas_version(<target> <file>): <file>, a source of the library <target>, may include
# atlas_version.h, which defines ATLAS_VERSION. The version is looked up at every build; the header
# changes only with it, so that a commit recompiles this one file.
function(atlas_version target file)
    set(dir "${CMAKE_BINARY_DIR}/version")
    set(use_git ON)
    if(ATLAS_SANITIZE)
        # Test programs do without the commit: linking all of them after each takes minutes.
        set(use_git OFF)
    endif()
    add_custom_target(${target}_version
        COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${CMAKE_SOURCE_DIR}" "-DUSE_GIT=${use_git}"
                "-DOUTPUT=${dir}/atlas_version.h" -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
        BYPRODUCTS "${dir}/atlas_version.h" COMMENT "" VERBATIM)
    add_dependencies(${target} ${target}_version)
    set_source_files_properties("${file}" PROPERTIES INCLUDE_DIRECTORIES "${dir}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    if(NOT DEFINED USE_GIT)
        set(USE_GIT ON)
    endif()
    file(REAL_PATH "${SOURCE}" SOURCE)
    atlas_source_version("${SOURCE}" "${USE_GIT}" version)
    if(OUTPUT)
        file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "#define ATLAS_VERSION \"${version}\"\n" @ONLY)
    else()
        execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${version}")
    endif()
endif()
