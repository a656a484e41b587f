// SPDX-License-Identifier: Apache-2.0
//
// /proc/diskstats and /sys/block: whole disks, not their partitions, and of the virtual kinds
// (loop, ram, zram) only those in use.
//
// Threading  see source.h.
#pragma once

#include <string>
#include <vector>

#include "collect/inventory.h"
#include "collect/source.h"

namespace atlas::collect {

class DiskSource final : public Source {
public:
    DiskSource(const std::string& host, Roots roots)
        : roots_(std::move(roots)), inventory_(host, host + "/disk/", "disk") {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    void adopt(std::span<const std::string> entities) override { inventory_.adopt(entities); }
    // Long enough that a machine with many disks writes no more rows than one with two.
    std::chrono::seconds interval() const override;

private:
    struct Disk {
        std::string name;
        std::int64_t reads, read_sectors, read_ms, writes, write_sectors, write_ms, busy_ms;
        std::int64_t weighted_ms;
    };
    bool read_disks();
    static void add_figures(Recorder& recorder, Rates& rates, const Disk& disk, const Moment& now);
    void add_identity(Recorder& recorder, const Disk& disk);

    Roots roots_;
    std::string text_;
    std::vector<Disk> disks_;
    Rates main_rates_;
    Inventory inventory_;
};

}  // namespace atlas::collect
