// SPDX-License-Identifier: Apache-2.0
#include "collect/filesystem_source.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <set>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr std::size_t kMaxMounts = 200;
constexpr std::int64_t kSecondsMin = 10;
constexpr std::int64_t kSecondsMax = 200;

const Attribute kSize{"filesystem_size_bytes", "int", "bytes", false, true};
const Attribute kUsed{"filesystem_used_bytes", "int", "bytes", false, true};
const Attribute kAvailable{"filesystem_available_bytes", "int", "bytes", false, true};
const Attribute kUsedPercent{"filesystem_used_percent", "double", "percent", true, true};
const Attribute kFilesPercent{"filesystem_inodes_used_percent", "double", "percent", false, true};
const Attribute kPoint{"mount_point", "string", "", true, true};
const Attribute kType{"filesystem_type", "string", "", true, true};
const Attribute kDevice{"device", "string", "", true, true};
const Attribute kReadOnly{"filesystem_read_only", "bool", "", true, true};

// What a file system that is no longer mounted no longer has.
const std::array<std::reference_wrapper<const Attribute>, 5> kFigures{kSize, kUsed, kAvailable,
                                                                      kUsedPercent, kFilesPercent};

// The kernel writes a blank in a mount point as \040.
std::string without_octal(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                     (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_read_only(std::string_view options) {
    return options == "ro" || options.starts_with("ro,");
}

double percent(std::int64_t part, std::int64_t whole) {
    return whole <= 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<Space> space_of(const std::string& mount_point) {
    struct statvfs found{};
    if (::statvfs(mount_point.c_str(), &found) != 0) return std::nullopt;
    const auto block = static_cast<std::int64_t>(found.f_frsize);
    return Space{static_cast<std::int64_t>(found.f_blocks) * block,
                 static_cast<std::int64_t>(found.f_bfree) * block,
                 static_cast<std::int64_t>(found.f_bavail) * block,
                 static_cast<std::int64_t>(found.f_files),
                 static_cast<std::int64_t>(found.f_ffree)};
}

// "22 1 254:0 / /mnt/disk rw,noatime shared:1 - ext4 /dev/vda rw": one mount of each device, others
// show the same space again. What counts as read-only is the file system, the last field: a service
// under ProtectSystem= sees all of its own mounts so.
std::optional<std::vector<FilesystemSource::Mount>> FilesystemSource::read_mounts() {
    std::vector<Mount> mounts;
    std::set<std::string> devices;
    if (!read_file(roots_.proc / "self/mountinfo", text_)) return std::nullopt;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line) && mounts.size() < kMaxMounts) {
        skip_fields(line, 4);
        const std::string point = without_octal(next_field(line));
        for (auto field = next_field(line); !field.empty() && field != "-";) {
            field = next_field(line);
        }
        const std::string type(next_field(line));
        const std::string device(next_field(line));
        const bool read_only = is_read_only(next_field(line));
        if (!device.starts_with("/dev/") || type == "squashfs" || type == "iso9660") continue;
        if (!devices.insert(device).second) continue;
        mounts.push_back({device, point, type, read_only});
    }
    return mounts;
}

void FilesystemSource::write_entities(Recorder& recorder, const Moment& now) {
    const auto mounts = read_mounts();
    if (!mounts) return;
    for (const Mount& mount : *mounts) {
        const auto space = space_(mount.point);
        if (!space) {
            inventory_.keep(mount.point);
        } else if (inventory_.open(recorder, mount.point, now) != nullptr) {
            add_figures(recorder, mount, *space);
            recorder.end();
        }
    }
    inventory_.write_vanished(recorder, now, kFigures);
}

std::chrono::seconds FilesystemSource::interval() const {
    const auto count = static_cast<std::int64_t>(inventory_.size());
    return std::chrono::seconds{std::clamp(count, kSecondsMin, kSecondsMax)};
}

void FilesystemSource::add_figures(Recorder& recorder, const Mount& mount, const Space& space) {
    const std::int64_t used = space.size_bytes - space.free_bytes;
    recorder.add(kPoint, mount.point);
    recorder.add(kType, mount.type);
    recorder.add(kDevice, mount.device);
    recorder.add(kReadOnly, mount.read_only);
    recorder.add(kSize, space.size_bytes);
    recorder.add(kUsed, used);
    recorder.add(kAvailable, space.available_bytes);
    // As df counts: what is kept for root is neither used nor there for others.
    recorder.add(kUsedPercent, percent(used, used + space.available_bytes));
    recorder.add(kFilesPercent, percent(space.files - space.free_files, space.files));
}

}  // namespace atlas::collect
