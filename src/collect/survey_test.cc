// SPDX-License-Identifier: Apache-2.0
//
// A machine made of files, read twice ten seconds apart: what must be written.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "collect/collector.h"
#include "collect/filesystem_source.h"
#include "collect/text.h"

namespace atlas::collect {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr Time kStart = time_from_micros(1'795'000'000'000'000);

class Machine : public testing::Test {
protected:
    Machine() {
        root_ = fs::path(testing::TempDir()) /
                ("machine_" +
                 std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        fs::remove_all(root_);
        write("proc/stat",
              "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 60 0 20 400 20 0 0 0 0 0\n"
              "cpu1 40 0 30 400 30 0 0 0 0 0\nintr 1000 1 2\nctxt 5000\nbtime 1\n"
              "processes 100\nprocs_running 2\nprocs_blocked 1\nsoftirq 9 1\n");
        write("proc/meminfo",
              "MemTotal:  1000 kB\nMemFree:  200 kB\nMemAvailable:  600 kB\nBuffers: 10 kB\n"
              "Cached: 300 kB\nActive(anon): 7 kB\nSwapTotal: 50 kB\nSwapFree: 30 kB\n"
              "HugePages_Total:  4\n");
        write("proc/vmstat", "nr_free_pages 77\npgfault 1000\nunevictable_pgs_culled 0\n");
        write("proc/loadavg", "0.37 0.29 0.16 2/108 16658\n");
        write("proc/uptime", "1000.50 1878.30\n");
        write("proc/pressure/cpu",
              "some avg10=9.26 avg60=3.27 avg300=1.32 total=125\nfull avg10=0.00 avg60=0.00 "
              "avg300=0.00 total=0\n");
        write("proc/net/dev",
              "Inter-|   Receive\n face |bytes\n    lo:    3193      29    0    0    0     0  0 0"
              "     3193      29    0    0    0     0       0          0\n"
              "  eth0: 1000 10 1 2 0 0 0 0 500 5 0 0 0 0 0 0\n");
        write("proc/net/snmp", "Tcp: RtoAlgorithm ActiveOpens CurrEstab\nTcp: 1 42 3\n");
        write("proc/net/netstat", "TcpExt: SyncookiesSent TW\nTcpExt: 0 5\n");
        write("proc/net/sockstat", "sockets: used 16\nTCP: inuse 1 orphan 0\n");
        write(
            "proc/interrupts",
            "           CPU0       CPU1\n 36:          0     100 PCI-MSIX-0000:00:02.0   1-edge   "
            "virtio1-req.0\n 37:  0 0 PCI-MSIX x quiet\nLOC:      10      10   Local timer\n");
        write("proc/softirqs", "      CPU0 CPU1\n  NET_RX:   5   6\n");
        write("proc/diskstats",
              "   7 0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
              " 254 0 vda 100 0 2000 50 10 0 80 20 0 300 70 0 0 0 0\n"
              " 254 1 vda1 100 0 2000 50 10 0 80 20 0 300 70 0 0 0 0\n");
        write("proc/self/mounts",
              "proc /proc proc rw 0 0\n/dev/vda / ext4 rw,relatime 0 0\n"
              "/dev/vdb /mnt/my\\040disk xfs ro 0 0\n/dev/vda /bound ext4 rw 0 0\n");
        write("proc/cpuinfo", "processor : 0\nmodel name : Fast CPU\nprocessor : 1\n");
        write("proc/sys/kernel/osrelease", "6.1.0\n");
        write("proc/sys/fs/file-nr", "640\t0\t2466170\n");
        write("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian 12\"\n");
        write("sys/block/vda/size", "2048\n");
        write("sys/block/vda/queue/rotational", "0\n");
        write("sys/block/vda/device/model", "Virtual Disk   \n");
        write("sys/block/loop0/size", "0\n");
        write("sys/class/net/eth0/operstate", "up\n");
        write("sys/class/net/eth0/device/vendor", "x\n");
        write("sys/class/net/lo/operstate", "unknown\n");
        write("sys/class/thermal/thermal_zone0/type", "x86_pkg\n");
        write("sys/class/thermal/thermal_zone0/temp", "45500\n");
        process(42, "my (odd) name", 'S', 200, 0, 5000);
        process(2, "kthreadd", 'S', 0, 0x00200000, 0);
        process(99, "just born", 'R', 0, 0, 99900);
        roots_ = {root_ / "proc", root_ / "sys", root_ / "etc"};
    }
    ~Machine() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }

    void process(int pid, const std::string& name, char state, int ticks, int flags, int start) {
        write(fmt::format("proc/{}/stat", pid),
              fmt::format("{} ({}) {} 1 1 1 0 -1 {} 0 0 0 0 {} 0 0 0 20 0 3 0 {} 100000 50 0\n",
                          pid, name, state, flags, ticks, start));
    }

    // Lines as entity → attributes.
    static std::map<std::string, json::object> parse(const Report& report) {
        std::map<std::string, json::object> out;
        std::string_view rest = report.ndjson;
        std::string_view line;
        while (next_line(rest, line)) {
            const auto item = json::parse(line).as_object();
            out[std::string(item.at("entity").as_string())] = item.at("attributes").as_object();
        }
        return out;
    }

    static Moment at(int second) { return {kStart + std::chrono::seconds{second}, 100.0 + second}; }

    fs::path root_;
    Roots roots_;
};

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

    fs::remove_all(root_ / "proc/42");
    auto last = parse(survey.tick(30, at(30)));
    EXPECT_EQ(last.at(entity).at("state").as_string(), "gone");
    EXPECT_TRUE(last.at(entity).at("process_memory_bytes").is_null());
    EXPECT_FALSE(parse(survey.tick(40, at(40))).contains(entity));
}

// Goal: a machine that starts processes without end costs a bounded number of entities.
TEST_F(Machine, NewProcessesBeyondTheAllowanceWaitForIt) {
    for (int pid = 1000; pid < 2200; ++pid) process(pid, "worker", 'S', 0, 0, 5000);
    ProcessSource source("vm", roots_);
    Recorder recorder;
    source.write_entities(recorder, at(0));
    EXPECT_EQ(recorder.take().observations, 1000U);
    source.write_entities(recorder, at(10));
    EXPECT_EQ(recorder.take().observations, 3U + 60U) << "3 new ones, 60 of a first CPU share";
    source.write_entities(recorder, at(100'000));
    EXPECT_GE(recorder.take().observations, 198U) << "all that were left";
}

// Goal: what died while no collector looked does not stay alive for ever.
TEST_F(Machine, AdoptedProcessesThatAreNotThereAreGone) {
    Survey survey("vm", roots_);
    survey.processes().adopt({"vm/process/7-1", "vm/process/42-5000"});
    auto first = parse(survey.tick(0, at(0)));
    EXPECT_EQ(first.at("vm/process/7-1").at("state").as_string(), "gone");
    EXPECT_EQ(first.at("vm/process/42-5000").at("state").as_string(), "sleeping");
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
