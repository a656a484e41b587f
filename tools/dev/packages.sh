# SPDX-License-Identifier: Apache-2.0
#
# The packages to install. Debian packages are those of Debian 12; build/setup/packages.txt records
# their exact versions.

# To build and run the program.
build_packages=(
    ca-certificates ccache clang-19 cmake gzip lld-19 ninja-build pkg-config python3 python3-pip
    libboost-json1.81-dev libboost1.81-dev libc6-dev libcli11-dev libfmt-dev libpq-dev
    libexpected-dev libhowardhinnant-date-dev libsimdjson-dev libspdlog-dev libssl-dev
    libstdc++-12-dev libtomlplusplus-dev libxxhash-dev libyaml-cpp-dev libzstd-dev tzdata zlib1g-dev
    libbenchmark-dev libgmock-dev libgtest-dev
    postgresql-15 postgresql-15-wal2json postgresql-client-15 util-linux
)

# Also, to check and test it.
test_packages=(
    clang-format-19 clang-tidy-19 libclang-19-dev libclang-rt-19-dev llvm-19 llvm-19-dev
    chromium fonts-dejavu-core curl git groff-base procps python3-influxdb zstd
)

# To make a Debian package of it, and to try that in a fresh Debian 12 (tests/package/run).
package_packages=(dpkg-dev git)
package_test_packages=(debootstrap lintian systemd-container)

# For Debezium, beside which the change stream is measured (tests/peers/run).
peer_packages=(maven openjdk-17-jdk-headless)

# Node, for the page's bundler and tests, comes from PyPI: one file, pinned by hash. Debian's npm is
# 378 packages, and its Node is old. The hashes are for x86_64 and aarch64.
node_version=22.20.0
node_hashes=(
    sha256:b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21
    sha256:7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae
)

# DuckDB, the analytics store, comes from npm: the library alone, pinned by hash. Its header is in
# third_party/duckdb. `machine` is what `uname -m` prints.
duckdb_version=1.5.5-r.5
declare -A duckdb_packages=(
    [x86_64]=linux-x64
    [aarch64]=linux-arm64
)
declare -A duckdb_hashes=(
    [x86_64]=86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e
    [aarch64]=3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e
)
