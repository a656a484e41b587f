// SPDX-License-Identifier: Apache-2.0
//
// A machine made of files, for tests of what reads /proc, /sys and /etc: two processors, a disk, an
// interface, two processes and one that has just started.
//
// Lifetime   one test's; its folder is removed with it. A test changes it by replacing files.
// Threading  the test's thread.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "collect/recorder.h"
#include "collect/source.h"
#include "collect/text.h"

namespace atlas::collect {

inline constexpr Time kStart = time_from_micros(1'795'000'000'000'000);

class Machine : public testing::Test {
protected:
    Machine() {
        root_ =
            std::filesystem::path(testing::TempDir()) /
            fmt::format("machine_{}_{}",
                        testing::UnitTest::GetInstance()->current_test_info()->name(), getpid());
        std::filesystem::remove_all(root_);
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
        write("proc/self/mountinfo",
              "19 1 0:5 / /proc rw shared:2 - proc proc rw\n"
              "22 1 254:0 / / ro,relatime shared:1 master:3 - ext4 /dev/vda rw,errors=continue\n"
              "24 22 254:16 / /mnt/my\\040disk ro - xfs /dev/vdb ro\n"
              "25 22 254:0 /a /bound rw - ext4 /dev/vda rw\n");
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
    ~Machine() override { std::filesystem::remove_all(root_); }

    void write(const std::string& path, const std::string& text) {
        std::filesystem::create_directories((root_ / path).parent_path());
        // A new file instead of a shorter old one: some file systems write the latter at once.
        std::filesystem::remove(root_ / path);
        std::ofstream(root_ / path) << text;
    }

    void process(int pid, const std::string& name, char state, int ticks, int flags, int start) {
        write(fmt::format("proc/{}/stat", pid),
              fmt::format("{} ({}) {} 1 1 1 0 -1 {} 0 0 0 0 {} 0 0 0 20 0 3 0 {} 100000 50 0\n",
                          pid, name, state, flags, ticks, start));
    }

    // Lines as entity → attributes.
    static std::map<std::string, boost::json::object> parse(const Report& report) {
        std::map<std::string, boost::json::object> out;
        std::string_view rest = report.ndjson;
        std::string_view line;
        while (next_line(rest, line)) {
            const auto item = boost::json::parse(line).as_object();
            out[std::string(item.at("entity").as_string())] = item.at("attributes").as_object();
        }
        return out;
    }

    static Moment at(int second) { return {kStart + std::chrono::seconds{second}, 100.0 + second}; }

    std::filesystem::path root_;
    Roots roots_;
};

}  // namespace atlas::collect
