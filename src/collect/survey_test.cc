// SPDX-License-Identifier: Apache-2.0
//
// A machine made of files, read twice ten seconds apart: what must be written.
#include <gtest/gtest.h>

#include "collect/collector.h"
#include "collect/disk_source.h"
#include "collect/filesystem_source.h"
#include "collect/network_source.h"
#include "collect/process_source.h"
#include "collect/survey_test_machine.h"

namespace atlas::collect {
namespace {

TEST_F(Machine, WritesWhatTheHostIsAndDoesEverySecond) {
    Survey survey("vm", roots_);
    const Report first_report = survey.tick(0, at(0));
    const auto first = parse(first_report).at("vm");
    EXPECT_EQ(first.at("os").as_string(), "Debian 12");
    EXPECT_EQ(first.at("cpu_model").as_string(), "Fast CPU");
    EXPECT_EQ(first.at("cpu_count").as_int64(), 2);
    EXPECT_EQ(first.at("load_1m").as_double(), 0.37);
    EXPECT_EQ(first.at("threads_total").as_int64(), 108);
    EXPECT_EQ(first.at("uptime_seconds").as_double(), 1000.5);
    EXPECT_EQ(first.at("memory_used_bytes").as_int64(), 400 * 1024);
    EXPECT_EQ(first.at("memory_used_percent").as_double(), 40.0);
    EXPECT_EQ(first.at("swap_used_bytes").as_int64(), 20 * 1024);
    EXPECT_EQ(first.at("pressure_cpu_some_10s_percent").as_double(), 9.26);
    EXPECT_EQ(first.at("processes_total").as_int64(), 3);
    EXPECT_EQ(first.at("processes_blocked").as_int64(), 1);
    EXPECT_FALSE(first.contains("cpu_usage_percent")) << "a share needs two readings";
    EXPECT_TRUE(first_report.ndjson.starts_with(
        R"({"entity":"vm","type":"host","at":"2026-11-18T11:06:40.000000Z","attributes":{)"));

    write("proc/stat",
          "cpu  130 0 60 850 60 0 0 0 0 0\ncpu0 0 0 0 0\nctxt 5100\nintr 1500 1\nprocesses 130\n");
    write("proc/net/dev", "  eth0: 3000 30 1 2 0 0 0 0 500 5 0 0 0 0 0 0\n");
    write("proc/diskstats", " 254 0 vda 120 0 4000 50 10 0 80 20 0 300 70 0 0 0 0\n");
    const auto second = parse(survey.tick(1, at(2))).at("vm");
    EXPECT_EQ(second.at("cpu_usage_percent").as_double(), 40.0);
    EXPECT_EQ(second.at("cpu_user_percent").as_double(), 30.0);
    EXPECT_EQ(second.at("cpu_iowait_percent").as_double(), 10.0);
    EXPECT_EQ(second.at("context_switches_per_second").as_double(), 50.0);
    EXPECT_EQ(second.at("processes_created_per_second").as_double(), 15.0);
    EXPECT_EQ(second.at("network_receive_bytes_per_second").as_double(), 1000.0);
    EXPECT_EQ(second.at("disk_read_bytes_per_second").as_double(), 512000.0);
    EXPECT_FALSE(second.contains("os")) << "it did not change";
    EXPECT_FALSE(second.contains("meminfo_mem_total_bytes")) << "a detail, every ten seconds";
}

TEST_F(Machine, WritesDetailsEveryTenSeconds) {
    Survey survey("vm", roots_);
    const auto first = parse(survey.tick(0, at(0))).at("vm");
    EXPECT_EQ(first.at("meminfo_active_anon_bytes").as_int64(), 7 * 1024);
    EXPECT_EQ(first.at("meminfo_huge_pages_total").as_int64(), 4);
    EXPECT_EQ(first.at("vmstat_nr_free_pages").as_int64(), 77);
    EXPECT_EQ(first.at("tcp_curr_estab").as_int64(), 3);
    EXPECT_EQ(first.at("sockets_tcp_inuse").as_int64(), 1);
    EXPECT_EQ(first.at("open_files").as_int64(), 640);
    EXPECT_EQ(first.at("temperature_x86_pkg_0_celsius").as_double(), 45.5);
    write("proc/vmstat", "nr_free_pages 78\npgfault 2000\n");
    write("proc/interrupts", " 36:  0  150 PCI-MSIX-0000:00:02.0   1-edge   virtio1-req.0\n");
    const auto second = parse(survey.tick(10, at(10))).at("vm");
    EXPECT_EQ(second.at("vmstat_pgfault_per_second").as_double(), 100.0);
    EXPECT_EQ(second.at("interrupt_36_virtio1_req_0_per_second").as_double(), 5.0);
    EXPECT_EQ(second.at("softirq_net_rx_per_second").as_double(), 0.0);
    EXPECT_FALSE(second.contains("interrupt_37_quiet_per_second"));
    EXPECT_FALSE(second.contains("vmstat_unevictable_pgs_culled_per_second"));
}

TEST_F(Machine, WritesProcessorsDisksAndInterfaces) {
    Survey survey("vm", roots_);
    auto first = parse(survey.tick(0, at(0)));
    EXPECT_EQ(first.at("vm/cpu0").at("host").as_string(), "vm");
    EXPECT_EQ(first.at("vm/disk/vda").at("disk_model").as_string(), "Virtual Disk");
    EXPECT_EQ(first.at("vm/disk/vda").at("disk_size_bytes").as_int64(), 2048 * 512);
    EXPECT_FALSE(first.at("vm/disk/vda").at("disk_rotational").as_bool());
    EXPECT_FALSE(first.contains("vm/disk/vda1"));
    EXPECT_FALSE(first.contains("vm/disk/loop0"));
    EXPECT_EQ(first.at("vm/network/eth0").at("network_state").as_string(), "up");

    write("proc/diskstats", " 254 0 vda 120 0 2000 90 10 0 80 20 0 500 70 0 0 0 0\n");
    write("proc/stat", "cpu  130 0 60 850 60 0 0\ncpu0 60 0 20 400 20\ncpu1 50 0 30 430 30\n");
    survey.tick(1, at(1));
    auto second = parse(survey.tick(2, at(2)));
    EXPECT_EQ(second.at("vm/cpu1").at("cpu_usage_percent").as_double(), 25.0);
    EXPECT_EQ(second.at("vm/disk/vda").at("disk_reads_per_second").as_double(), 10.0);
    EXPECT_EQ(second.at("vm/disk/vda").at("disk_read_latency_seconds").as_double(), 0.002);
    EXPECT_EQ(second.at("vm/disk/vda").at("disk_busy_percent").as_double(), 10.0);
    EXPECT_FALSE(second.at("vm/disk/vda").contains("disk_model"));

    auto third = parse(survey.tick(4, at(4)));
    auto fourth = parse(survey.tick(6, at(6)));
    EXPECT_FALSE(fourth.contains("vm/network/lo")) << "nothing changed";
    auto repeated = parse(survey.tick(700, at(700)));
    EXPECT_EQ(repeated.at("vm/network/lo").at("host").as_string(), "vm") << "after ten minutes";
}

TEST_F(Machine, WritesFileSystemsOfLocalDevicesOnce) {
    FilesystemSource source("vm", roots_, [](const std::string& point) -> std::optional<Space> {
        if (point == "/") return Space{1000, 300, 200, 10, 5};
        return Space{500, 500, 500, 0, 0};
    });
    Recorder recorder;
    source.write_entities(recorder, at(0));
    auto found = parse(recorder.take());
    ASSERT_EQ(found.size(), 2U);
    const auto& root = found.at("vm/filesystem/");
    EXPECT_EQ(root.at("filesystem_used_bytes").as_int64(), 700);
    EXPECT_NEAR(root.at("filesystem_used_percent").as_double(), 77.778, 1e-9);
    EXPECT_EQ(root.at("filesystem_inodes_used_percent").as_double(), 50.0);
    EXPECT_TRUE(found.at("vm/filesystem/mnt/my disk").at("filesystem_read_only").as_bool());
    EXPECT_FALSE(root.at("filesystem_read_only").as_bool()) << "read-only for this process alone";
}

TEST_F(Machine, ProcessesAppearChangeAndVanish) {
    Survey survey("vm", roots_);
    auto first = parse(survey.tick(0, at(0)));
    const std::string entity = "vm/process/42-5000";
    EXPECT_EQ(first.at(entity).at("command").as_string(), "my (odd) name");
    EXPECT_EQ(first.at(entity).at("state").as_string(), "sleeping");
    EXPECT_EQ(first.at(entity).at("pid").as_int64(), 42);
    EXPECT_EQ(first.at(entity).at("process_threads").as_int64(), 3);
    EXPECT_FALSE(first.contains("vm/process/2-0")) << "a thread of the kernel";
    EXPECT_FALSE(first.contains("vm/process/99-99900")) << "too young";

    process(42, "my (odd) name", 'R', 700, 0, 5000);
    auto second = parse(survey.tick(10, at(10)));
    EXPECT_EQ(second.at(entity).at("process_cpu_usage_percent").as_double(), 50.0);
    EXPECT_EQ(second.at(entity).at("state").as_string(), "running");
    EXPECT_FALSE(second.at(entity).contains("command"));

    process(42, "my (odd) name", 'R', 1200, 0, 5000);
    EXPECT_FALSE(parse(survey.tick(20, at(20))).contains(entity)) << "nothing changed";

    std::filesystem::remove_all(root_ / "proc/42");
    auto last = parse(survey.tick(30, at(30)));
    EXPECT_EQ(last.at(entity).at("state").as_string(), "gone");
    EXPECT_TRUE(last.at(entity).at("process_memory_bytes").is_null());
    EXPECT_FALSE(parse(survey.tick(40, at(40))).contains(entity));
}

// Goal: an interface that was taken away does not stay "up", and one of its name that comes later
// begins again.
TEST_F(Machine, AnInterfaceEndsOnceAndBeginsAgain) {
    NetworkSource source("vm", roots_);
    Recorder recorder;
    const std::string entity = "vm/network/eth0";
    const std::string there = "  eth0: 1000 10 1 2 0 0 0 0 500 5 0 0 0 0 0 0\n";
    source.write_entities(recorder, at(0));
    EXPECT_EQ(parse(recorder.take()).at(entity).at("state").as_string(), "present");

    write("proc/net/dev", "    lo: 3193 29 0 0 0 0 0 0 3193 29 0 0 0 0 0 0\n");
    source.write_entities(recorder, at(10));
    const auto end = parse(recorder.take()).at(entity);
    EXPECT_EQ(end.at("state").as_string(), "gone");
    EXPECT_TRUE(end.at("network_state").is_null());
    EXPECT_TRUE(end.at("network_receive_bytes_per_second").is_null());
    EXPECT_FALSE(end.contains("device")) << "what it was is still known";
    source.write_entities(recorder, at(20));
    EXPECT_FALSE(parse(recorder.take()).contains(entity)) << "its end is told once";

    write("proc/net/dev", there);
    source.write_entities(recorder, at(30));
    const auto again = parse(recorder.take()).at(entity);
    EXPECT_EQ(again.at("state").as_string(), "present");
    EXPECT_EQ(again.at("network_state").as_string(), "up");
    EXPECT_EQ(again.at("device").as_string(), "eth0") << "nothing is left of what was sent before";
    EXPECT_FALSE(again.contains("network_receive_bytes_per_second")) << "nor of its counters";
}

TEST_F(Machine, DisksProcessorsAndFileSystemsEnd) {
    Survey survey("vm", roots_);
    survey.tick(0, at(0));
    write("proc/diskstats", "   7 0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    write("proc/stat", "cpu  100 0 50 800 50 0 0\ncpu0 60 0 20 400 20 0 0\n");
    const auto lines = parse(survey.tick(10, at(10)));
    const auto& disk = lines.at("vm/disk/vda");
    EXPECT_EQ(disk.at("state").as_string(), "gone");
    EXPECT_TRUE(disk.at("disk_busy_percent").is_null());
    EXPECT_EQ(lines.at("vm/cpu1").at("state").as_string(), "gone");
    EXPECT_TRUE(lines.at("vm/cpu1").at("cpu_usage_percent").is_null());
    EXPECT_FALSE(lines.contains("vm/cpu0")) << "nothing about it changed";

    bool responses = true;
    FilesystemSource source("vm", roots_, [&](const std::string&) -> std::optional<Space> {
        if (!responses) return std::nullopt;
        return Space{1000, 300, 200, 10, 5};
    });
    Recorder recorder;
    source.write_entities(recorder, at(0));
    recorder.take();
    responses = false;
    source.write_entities(recorder, at(10));
    EXPECT_TRUE(recorder.take().ndjson.empty()) << "mounted, though it cannot be asked";
    write("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/vda rw\n");
    source.write_entities(recorder, at(20));
    const auto ended = parse(recorder.take());
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended.at("vm/filesystem/mnt/my disk").at("state").as_string(), "gone");
    EXPECT_TRUE(ended.at("vm/filesystem/mnt/my disk").at("filesystem_used_bytes").is_null());
}

// Goal: a file that cannot be read for once is not the end of all that it lists.
TEST_F(Machine, AnUnreadableListEndsNothing) {
    Survey survey("vm", roots_);
    survey.tick(0, at(0));
    for (const char* file : {"net/dev", "diskstats", "self/mountinfo", "stat"}) {
        std::filesystem::remove_all(root_ / "proc" / file);
    }
    EXPECT_EQ(survey.tick(10, at(10)).ndjson.find("gone"), std::string::npos);
}

// Goal: a host that makes containers without end costs a bounded number of entities.
TEST_F(Machine, NewInterfacesBeyondTheAllowanceWaitForIt) {
    std::string interfaces;
    for (int number = 0; number < 700; ++number) {
        interfaces += fmt::format("  veth{}: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n", number);
    }
    write("proc/net/dev", interfaces);
    NetworkSource source("vm", roots_);
    Recorder recorder;
    source.write_entities(recorder, at(0));
    EXPECT_EQ(recorder.take().observations, 500U);
    source.write_entities(recorder, at(43'200));
    EXPECT_EQ(recorder.take().observations, 700U) << "half a day later there is room for the rest";
}

// Goal: a machine that starts processes without end costs a bounded number of entities.
TEST_F(Machine, NewProcessesBeyondTheAllowanceWaitForIt) {
    for (int pid = 1000; pid < 2200; ++pid) process(pid, "worker", 'S', 0, 0, 5000);
    ProcessSource source("vm", roots_);
    Recorder recorder;
    source.write_entities(recorder, at(0));
    EXPECT_EQ(recorder.take().observations, 1000U);
    source.write_entities(recorder, at(10));
    EXPECT_EQ(recorder.take().observations, 2U + 40U) << "2 new ones, 40 of a first CPU share";
    source.write_entities(recorder, at(100'000));
    EXPECT_GE(recorder.take().observations, 198U) << "all that were left";
}

// Goal: what died while no collector ran does not stay alive.
TEST_F(Machine, WhatWasAdoptedAndIsNotThereIsGone) {
    Survey survey("vm", roots_);
    const std::vector<std::string> entities{"vm/process/7-1", "vm/process/42-5000",
                                            "vm/network/veth1", "vm/network/eth0", "vm/cpu9"};
    survey.adopt(entities);
    auto first = parse(survey.tick(0, at(0)));
    EXPECT_EQ(first.at("vm/process/7-1").at("state").as_string(), "gone");
    EXPECT_EQ(first.at("vm/process/42-5000").at("state").as_string(), "sleeping");
    EXPECT_EQ(first.at("vm/network/veth1").at("state").as_string(), "gone");
    EXPECT_EQ(first.at("vm/network/eth0").at("state").as_string(), "present");
    EXPECT_EQ(first.at("vm/cpu9").at("state").as_string(), "gone");
}

TEST_F(Machine, SaysHowItsAttributesAreToBeDeclared) {
    Survey survey("vm", roots_);
    std::map<std::string, Attribute> declared;
    for (const auto& attribute : survey.tick(0, at(0)).first_seen) {
        declared.emplace(attribute.name, attribute);
    }
    EXPECT_EQ(declared.at("memory_used_bytes").unit, "bytes");
    EXPECT_FALSE(declared.at("memory_used_bytes").hot);
    EXPECT_TRUE(declared.at("load_1m").hot);
    EXPECT_TRUE(declared.at("command").hot);
    EXPECT_EQ(declared.at("pid").type, "int");
    EXPECT_TRUE(survey.tick(1, at(1)).first_seen.size() < declared.size());
    std::size_t hot = 0;
    for (const auto& [name, attribute] : declared) hot += attribute.hot ? 1 : 0;
    EXPECT_LE(hot, 32U) << "a tenant has 64 hot attributes, and others want some, too";
}

TEST_F(Machine, AMachineWithoutAnyOfTheFilesIsNoError) {
    Survey survey("vm", {root_ / "none", root_ / "none", root_ / "none"});
    const auto lines = parse(survey.tick(0, at(0)));
    EXPECT_TRUE(lines.contains("vm"));
}

TEST(SnakeCase, MakesNamesOfTheKernelsSpellings) {
    EXPECT_EQ(snake_case("Active(anon)"), "active_anon");
    EXPECT_EQ(snake_case("MemTotal"), "mem_total");
    EXPECT_EQ(snake_case("virtio1-req.0"), "virtio1_req_0");
    EXPECT_EQ(snake_case("HugePages_Total"), "huge_pages_total");
    EXPECT_EQ(snake_case("TCPLossProbes"), "tcploss_probes");
}

}  // namespace
}  // namespace atlas::collect
