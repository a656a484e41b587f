# SPDX-License-Identifier: Apache-2.0
#
# Checks and tests. All of them are registered with ctest, which prints one summary. Sourced by
# ./dev.

cpp_sources() { git ls-files -z '*.cc' '*.h'; }

# Prints the fuzzers, one name per line, built from folder and file as in cmake/AtlasLibrary.cmake.
fuzzers() {
    git ls-files 'src/*_fuzz.cc' |
        sed -E 's#^src/([a-z_]+)/(.*/)?([a-z0-9_]+)\.cc$#atlas_\1_\3#'
}

# run_tests: all tests; run_tests NAME…: the tests of build/release whose name matches.
run_tests() {
    setup_test
    build_page
    build_preset release
    if [ $# -gt 0 ]; then
        exec ctest --test-dir build/release --output-on-failure -R "$(IFS='|'; echo "$*")"
    fi
    build_preset asan atlas_tests
    build_preset tsan atlas_tests
    build_preset fuzz atlas_fuzzers
    write_suite
    ctest --test-dir build/suite --output-on-failure -j "$jobs" \
        --output-junit "$PWD/build/junit.xml"
}

# Writes a test directory that includes the tests of every preset.
write_suite() {
    local preset
    mkdir -p build/suite
    for preset in release asan tsan fuzz; do
        printf 'subdirs("%s/build/%s")\n' "$PWD" "$preset"
    done >build/suite/CTestTestfile.cmake
}

# run_fuzzers [NAME…] [--seconds N]: new inputs are kept in build/fuzz/corpus.
run_fuzzers() {
    local seconds=60 names=() name
    while [ $# -gt 0 ]; do
        case $1 in
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        *) names+=("$1"); shift ;;
        esac
    done
    setup_test
    build_preset fuzz atlas_fuzzers
    for name in $(fuzzers); do
        [ ${#names[@]} -eq 0 ] || [[ " ${names[*]} " == *" ${name#atlas_} "* ]] || continue
        say "$name for $seconds s"
        tools/fuzz-one "build/fuzz/$name" "$seconds"
    done
}

run_lint() {
    setup_test
    tools/check-format
    tools/check-style
    build_preset release
    tools/check-tidy
}
