// SPDX-License-Identifier: Apache-2.0
//
// /proc/diskstats and /sys/block: whole disks, not their partitions, and of the virtual kinds
// (loop, ram, zram) only those in use.
#pragma once

#include <string>
#include <vector>

#include "collect/source.h"

namespace atlas::collect {

class DiskSource final : public Source {
public:
    DiskSource(std::string host, Roots roots) : host_(std::move(host)), roots_(std::move(roots)) {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    std::chrono::seconds interval() const override;

private:
    struct Disk {
        std::string name;
        std::int64_t reads, read_sectors, read_ms, writes, write_sectors, write_ms, busy_ms;
        std::int64_t weighted_ms;
    };
    void read_disks();
    void write_disk(Recorder& recorder, const Disk& disk, const Moment& now);
    void add_identity(Recorder& recorder, const Disk& disk);

    std::string host_;
    Roots roots_;
    std::string text_;
    std::vector<Disk> disks_;
    Rates main_rates_;
    std::unordered_map<std::string, Rates> rates_;  // by disk
};

}  // namespace atlas::collect
