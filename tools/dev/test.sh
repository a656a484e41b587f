# SPDX-License-Identifier: Apache-2.0
#
# Checks and tests. Everything is registered with ctest; tools/dev/test_summary.py reads its report
# and has the last word. Sourced by ./dev.

cpp_sources() { git ls-files -z '*.cc' '*.h' ':!third_party'; }

# Prints the fuzzers, one name per line, built from folder and file as in cmake/AtlasLibrary.cmake.
fuzzers() {
    git ls-files 'src/*_fuzz.cc' |
        sed -E 's#^src/([a-z_]+)/(.*/)?([a-z0-9_]+)\.cc$#atlas_\1_\3#'
}

# run_tests [--all] [NAME…]: everything that belongs to every change, with --all also what takes
# longer; or those of build/release whose name matches.
run_tests() {
    local all= began=$SECONDS suite=build/suite junit=$PWD/build/junit.xml which=()
    if [ "${1:-}" = --all ]; then
        all=1
        shift
    fi
    setup_test
    build_page
    build_preset release
    if [ $# -gt 0 ]; then
        suite=build/release junit=$PWD/build/release/junit.xml
        which=(-R "$(IFS='|'; echo "$*")")
    else
        tidy_ahead
        build_preset asan atlas_tests atlas_fuzzers
        build_preset tsan atlas_tests
        write_suite
    fi
    [ -n "$all" ] || which+=(-LE '^all$')
    tests_in_memory
    local status=0
    # Twice as many at once as there are processors: most tests wait half of their time. Those that
    # do not, count for two (PROCESSORS in tests/CMakeLists.txt and cmake/AtlasLibrary.cmake).
    ctest --test-dir "$suite" --output-on-failure -j $((2 * jobs)) --no-tests=error \
        --test-output-size-passed 1000000 --output-junit "$junit" "${which[@]}" || status=$?
    which=()
    if [ -n "$all" ] && [ $# -eq 0 ]; then
        which=(--report docs/test-report.md --seconds $((SECONDS - began)))
    fi
    tools/dev/test_summary.py "$junit" "${which[@]}" || status=1
    return "$status"
}

# clang-tidy needs no more than the release build and takes minutes from a cold cache: it fills
# what building and testing leave of the processors. The test check.tidy waits for it and then looks
# only at what has not passed.
tidy_ahead() {
    flock --no-fork build/tidy.lock nice -n 15 tools/check-tidy >build/tidy.log 2>&1 &
    at_exit "kill $! 2>/dev/null"
}

# Temporary files of tests go to memory where there is plenty: making and removing small files on
# disk takes a third of the tests' processor time.
tests_in_memory() {
    local need=$((6 << 20)) memory free  # KiB
    memory=$(free_memory)
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    if [ -n "${TMPDIR:-}" ] || [ "$memory" -lt "$need" ] || [ "${free:-0}" -lt "$need" ]; then
        return 0
    fi
    local dir
    dir=$(mktemp -d /dev/shm/atlas-test.XXXXXX)
    # Servers of a run that is cut short end a moment later than it.
    at_exit "rm -rf '$dir' 2>/dev/null || { sleep 2; rm -rf '$dir'; }"
    # Tests start programs there, which a mount may forbid.
    cp /bin/true "$dir/probe"
    "$dir/probe" 2>/dev/null || return 0
    chmod 1777 "$dir"  # PostgreSQL runs as another user when we are root
    export TMPDIR=$dir
}

# KiB that may still be taken: of the machine, or of the container's limit where that is less.
free_memory() {
    local limit used free
    free=$(awk '$1 == "MemAvailable:" {print $2}' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null |
        grep -m 1 '^[0-9]' || true)
    used=$(cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes \
        2>/dev/null | grep -m 1 '^[0-9]' || true)
    if [ ${#limit} -gt 0 ] && [ ${#limit} -lt 16 ]; then  # longer: cgroup v1 says unlimited
        limit=$(((limit - ${used:-0}) >> 10))
        [ "$limit" -ge "$free" ] || free=$limit
    fi
    echo "$free"
}

# at_exit COMMAND: runs it when ./dev ends, after those that were named before.
at_exit() {
    exit_commands=${exit_commands:-}$'\n'$1
    trap 'status=$?; eval "$exit_commands" || true; exit $status' EXIT
}

# Writes a test directory that includes the tests of every preset.
write_suite() {
    local preset
    mkdir -p build/suite
    for preset in release asan tsan; do
        printf 'subdirs("%s/build/%s")\n' "$PWD" "$preset"
    done >build/suite/CTestTestfile.cmake
}

# run_fuzzers [NAME…] [--seconds N]: new inputs are kept in build/asan/corpus.
run_fuzzers() {
    local seconds=60 names=() name
    while [ $# -gt 0 ]; do
        case $1 in
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        *) names+=("$1"); shift ;;
        esac
    done
    setup_test
    build_preset asan atlas_fuzzers
    for name in $(fuzzers); do
        [ ${#names[@]} -eq 0 ] || [[ " ${names[*]} " == *" ${name#atlas_} "* ]] || continue
        say "$name for $seconds s"
        tools/fuzz-one "build/asan/$name" "$seconds"
    done
}

run_lint() {
    setup_test
    tools/check-format
    tools/check-style
    build_preset release
    tools/check-tidy
}
