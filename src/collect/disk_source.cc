// SPDX-License-Identifier: Apache-2.0
#include "collect/disk_source.h"

#include <algorithm>
#include <array>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr std::int64_t kSectorBytes = 512;  // of diskstats, whatever the disk's own are
constexpr std::int64_t kSecondsMin = 2;
constexpr std::int64_t kSecondsMax = 600;

Attribute changing(const char* name, const char* unit) {
    return {name, "double", unit, false, true};
}

const Attribute kRead{"disk_read_bytes_per_second", "double", "bytes/s"};
const Attribute kWrite{"disk_write_bytes_per_second", "double", "bytes/s"};
const Attribute kReads{"disk_reads_per_second", "double", "1/s"};
const Attribute kWrites{"disk_writes_per_second", "double", "1/s"};
const Attribute kDiskRead = changing("disk_read_bytes_per_second", "bytes/s");
const Attribute kDiskWrite = changing("disk_write_bytes_per_second", "bytes/s");
const Attribute kDiskReads = changing("disk_reads_per_second", "1/s");
const Attribute kDiskWrites = changing("disk_writes_per_second", "1/s");
const Attribute kBusy = changing("disk_busy_percent", "percent");
const Attribute kReadLatency = changing("disk_read_latency_seconds", "seconds");
const Attribute kWriteLatency = changing("disk_write_latency_seconds", "seconds");
const Attribute kQueue = changing("disk_queue_length", "");
const Attribute kDevice{"device", "string", "", true, true};
const Attribute kModel{"disk_model", "string", "", true, true};
const Attribute kRotational{"disk_rotational", "bool", "", true, true};
const Attribute kSize{"disk_size_bytes", "int", "bytes", false, true};

// What a disk that is gone no longer has.
const std::array<std::reference_wrapper<const Attribute>, 8> kFigures{
    kDiskRead, kDiskWrite, kDiskReads, kDiskWrites, kBusy, kReadLatency, kWriteLatency, kQueue};

bool is_virtual(std::string_view name) {
    return name.starts_with("loop") || name.starts_with("ram") || name.starts_with("zram");
}

}  // namespace

bool DiskSource::read_disks() {
    disks_.clear();
    if (!read_file(roots_.proc / "diskstats", text_)) return false;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        skip_fields(line, 2);
        Disk disk{std::string(next_field(line)), 0, 0, 0, 0, 0, 0, 0, 0};
        disk.reads = next_int(line);
        skip_fields(line, 1);  // merged
        disk.read_sectors = next_int(line);
        disk.read_ms = next_int(line);
        disk.writes = next_int(line);
        skip_fields(line, 1);
        disk.write_sectors = next_int(line);
        disk.write_ms = next_int(line);
        skip_fields(line, 1);  // in progress
        disk.busy_ms = next_int(line);
        disk.weighted_ms = next_int(line);
        std::error_code error;
        if (!std::filesystem::exists(roots_.sys / "block" / disk.name, error)) continue;
        if (is_virtual(disk.name) && disk.reads + disk.writes == 0) continue;
        disks_.push_back(std::move(disk));
    }
    return true;
}

void DiskSource::add_main(Recorder& recorder, const Moment& now) {
    if (!read_disks()) return;
    Disk all{{}, 0, 0, 0, 0, 0, 0, 0, 0};
    for (const Disk& disk : disks_) {
        // What lies on other disks (device mapper, RAID) would count twice.
        if (is_virtual(disk.name) || disk.name.starts_with("dm-") || disk.name.starts_with("md")) {
            continue;
        }
        all.reads += disk.reads;
        all.writes += disk.writes;
        all.read_sectors += disk.read_sectors;
        all.write_sectors += disk.write_sectors;
    }
    main_rates_.add(recorder, kRead, all.read_sectors * kSectorBytes, now);
    main_rates_.add(recorder, kWrite, all.write_sectors * kSectorBytes, now);
    main_rates_.add(recorder, kReads, all.reads, now);
    main_rates_.add(recorder, kWrites, all.writes, now);
}

void DiskSource::write_entities(Recorder& recorder, const Moment& now) {
    if (!read_disks()) return;
    for (const Disk& disk : disks_) {
        Rates* rates = inventory_.open(recorder, disk.name, now);
        if (rates == nullptr) continue;
        add_identity(recorder, disk);
        add_figures(recorder, *rates, disk, now);
        recorder.end();
    }
    inventory_.write_vanished(recorder, now, kFigures);
}

void DiskSource::add_figures(Recorder& recorder, Rates& rates, const Disk& disk,
                             const Moment& now) {
    rates.add(recorder, kDiskRead, disk.read_sectors * kSectorBytes, now);
    rates.add(recorder, kDiskWrite, disk.write_sectors * kSectorBytes, now);
    const auto reads = rates.per_second("reads", disk.reads, now);
    const auto writes = rates.per_second("writes", disk.writes, now);
    const auto read_ms = rates.per_second("read_ms", disk.read_ms, now);
    const auto write_ms = rates.per_second("write_ms", disk.write_ms, now);
    const auto busy = rates.per_second("busy_ms", disk.busy_ms, now);
    const auto queue = rates.per_second("weighted_ms", disk.weighted_ms, now);
    if (reads) recorder.add(kDiskReads, *reads);
    if (writes) recorder.add(kDiskWrites, *writes);
    if (busy) recorder.add(kBusy, std::min(100.0, *busy / 10));
    if (queue) recorder.add(kQueue, *queue / 1000);
    if (reads && read_ms && *reads > 0) recorder.add(kReadLatency, *read_ms / *reads / 1000);
    if (writes && write_ms && *writes > 0) recorder.add(kWriteLatency, *write_ms / *writes / 1000);
}

void DiskSource::add_identity(Recorder& recorder, const Disk& disk) {
    const auto folder = roots_.sys / "block" / disk.name;
    recorder.add(kDevice, disk.name);
    const std::string model = read_word(folder / "device/model");
    if (!model.empty()) recorder.add(kModel, model);
    if (const auto sectors = to_int(read_word(folder / "size"))) {
        recorder.add(kSize, *sectors * kSectorBytes);
    }
    if (const auto flag = to_int(read_word(folder / "queue/rotational"))) {
        recorder.add(kRotational, *flag != 0);
    }
}

std::chrono::seconds DiskSource::interval() const {
    const auto count = static_cast<std::int64_t>(disks_.size());
    return std::chrono::seconds{std::clamp(count, kSecondsMin, kSecondsMax)};
}

}  // namespace atlas::collect
