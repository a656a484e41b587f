// SPDX-License-Identifier: Apache-2.0
#include "cluster/server_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kGb = std::uint64_t{1} << 30U;

TEST(ServerSettings, FollowTheMachine) {
    const std::string large =
        render_settings({.memory_bytes = 64 * kGb, .disk_free_bytes = 1000 * kGb, .cores = 16}, {});
    EXPECT_THAT(large, HasSubstr("shared_buffers = 8192MB\n"));
    EXPECT_THAT(large, HasSubstr("max_wal_size = 16384MB\n"));
    EXPECT_THAT(large, HasSubstr("max_parallel_workers = 16\n"));
    const std::string small =
        render_settings({.memory_bytes = kGb / 4, .disk_free_bytes = kGb, .cores = 1}, {});
    EXPECT_THAT(small, HasSubstr("shared_buffers = 64MB\n"));
    EXPECT_THAT(small, HasSubstr("max_wal_size = 256MB\n"));
}

// Goal: what ALTER SYSTEM must not change is on the command line.
TEST(ServerSettings, TheContractIsOnTheCommandLine) {
    const MachineFacts machine{.memory_bytes = kGb, .disk_free_bytes = 20 * kGb, .cores = 1};
    const ServerOptions options{
        .cluster = "/d/it's", .socket_dir = "/s", .port = 5499, .listen_address = "::1"};
    EXPECT_THAT(
        fixed_settings(machine, options),
        testing::ElementsAre(
            "fsync=on", "full_page_writes=on", "synchronous_commit=on", "wal_level=logical",
            "max_slot_wal_keep_size=4096MB", "port=5499", "listen_addresses=::1",
            "unix_socket_directories=/s", "unix_socket_group=", "unix_socket_permissions=0700",
            "data_directory=/d/it's", "hba_file=/d/it's/pg_hba.conf",
            "ident_file=/d/it's/pg_ident.conf", "logging_collector=off", "log_destination=stderr"));
}

TEST(ServerSettings, NoTcpUnlessAsked) {
    const MachineFacts machine{.memory_bytes = kGb, .disk_free_bytes = kGb, .cores = 1};
    EXPECT_THAT(render_settings(machine, {}), HasSubstr("listen_addresses = ''\n"));
    EXPECT_THAT(
        render_settings(machine, {.cluster = {}, .socket_dir = {}, .listen_address = "127.0.0.1"}),
        HasSubstr("listen_addresses = '127.0.0.1'\n"));
}

// Goal: a path cannot end the string that it is part of.
TEST(ServerSettings, PathsAreQuoted) {
    const MachineFacts machine{.memory_bytes = kGb, .disk_free_bytes = kGb, .cores = 1};
    EXPECT_THAT(render_settings(machine,
                                {.cluster = {}, .socket_dir = "/it's\\here", .listen_address = {}}),
                HasSubstr("unix_socket_directories = '/it''s\\\\here'\n"));
}

TEST(ServerSettings, WhatTheServerCannotIsNotAsked) {
    const MachineFacts machine{.memory_bytes = kGb, .disk_free_bytes = kGb, .cores = 1};
    EXPECT_THAT(render_settings(machine, {}), Not(HasSubstr("lz4")));
    EXPECT_THAT(render_settings(machine, {}), Not(HasSubstr("pg_stat_statements")));
    EXPECT_THAT(render_settings(machine, {}), Not(HasSubstr("output_plugin_libraries")));
    EXPECT_THAT(render_settings(machine, {.cluster = {},
                                          .socket_dir = {},
                                          .listen_address = {},
                                          .lz4 = true,
                                          .statements = true,
                                          .plugin_list = true}),
                testing::AllOf(HasSubstr("wal_compression = lz4\n"), HasSubstr(", wal2json'\n"),
                               HasSubstr("shared_preload_libraries = 'pg_stat_statements'\n")));
}

TEST(MachineFacts, AreThoseOfThisMachine) {
    const auto facts = machine_facts("/");
    EXPECT_GT(facts.memory_bytes, 0);
    EXPECT_GT(facts.disk_free_bytes, 0);
    EXPECT_GE(facts.cores, 1);
}

}  // namespace
}  // namespace atlas::cluster
