# SPDX-License-Identifier: Apache-2.0
#
# Builds the page and the program. Sourced by ./dev.

jobs=$(nproc)

# build_preset PRESET [TARGET…]: configures if needed and builds; all targets by default.
build_preset() {
    local preset=$1
    shift
    local ninja=build/$preset/build.ninja
    if [ ! -f "$ninja" ] || [ CMakePresets.json -nt "$ninja" ]; then
        cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 || {
            cat "build/$preset.configure.log" >&2
            return 1
        }
    fi
    say "building $preset"
    nice -n 5 ninja -C "build/$preset" -j "$jobs" --quiet "$@"
}

# The page: web/ → web/dist, if a file in web/ changed since the last build.
build_page() {
    [ -f web/package.json ] || return 0
    mkdir -p build
    local sources
    sources=$(git ls-files -coz --exclude-standard web | sort -z | xargs -0 sha256sum | sha256sum)
    if [ -f web/dist/index.html ] && [ "$(cat build/page.stamp 2>/dev/null)" = "$sources" ]; then
        return 0
    fi
    say "building the page"
    install_page_packages
    (cd web && npm run --silent build)
    printf '%s' "$sources" >build/page.stamp
}

# Installs exactly the npm packages of web/package-lock.json.
install_page_packages() {
    local lock
    lock=$(sha256sum <web/package-lock.json)
    [ "$(cat web/node_modules/.atlas-lock 2>/dev/null)" != "$lock" ] || return 0
    (cd web && npm ci --no-audit --no-fund --loglevel=error </dev/null)
    printf '%s' "$lock" >web/node_modules/.atlas-lock
}
