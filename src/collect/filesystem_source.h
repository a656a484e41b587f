// SPDX-License-Identifier: Apache-2.0
//
// The mounted file systems of local devices. Those of the network are left out: a server that does
// not respond would block the collector.
//
// Threading  see source.h.
#pragma once

#include <string>
#include <vector>

#include "collect/inventory.h"
#include "collect/source.h"

namespace atlas::collect {

struct Space {
    std::int64_t size_bytes = 0;
    std::int64_t free_bytes = 0;       // for root
    std::int64_t available_bytes = 0;  // for other users
    std::int64_t files = 0;
    std::int64_t free_files = 0;
};

// The space at a mount point, as statvfs reports it; nullopt when that fails.
using SpaceOf = std::function<std::optional<Space>(const std::string& mount_point)>;
std::optional<Space> space_of(const std::string& mount_point);

class FilesystemSource final : public Source {
public:
    FilesystemSource(const std::string& host, Roots roots, SpaceOf space = space_of)
        : roots_(std::move(roots)),
          space_(std::move(space)),
          inventory_(host, host + "/filesystem", "filesystem") {}

    void write_entities(Recorder& recorder, const Moment& now) override;
    void adopt(std::span<const std::string> entities) override { inventory_.adopt(entities); }
    // Long enough that a machine with many mounts writes no more rows than one with ten.
    std::chrono::seconds interval() const override;

private:
    struct Mount {
        std::string device, point, type;
        bool read_only;
    };
    std::optional<std::vector<Mount>> read_mounts();
    static void add_figures(Recorder& recorder, const Mount& mount, const Space& space);

    Roots roots_;
    SpaceOf space_;
    std::string text_;
    Inventory inventory_;
};

}  // namespace atlas::collect
