// SPDX-License-Identifier: Apache-2.0
//
// The mounted file systems of local devices: a server that is away must not hold the collector up,
// so those of the network are left out.
#pragma once

#include <string>
#include <vector>

#include "collect/source.h"

namespace atlas::collect {

struct Space {
    std::int64_t size_bytes = 0;
    std::int64_t free_bytes = 0;       // for root
    std::int64_t available_bytes = 0;  // for everybody
    std::int64_t files = 0;
    std::int64_t free_files = 0;
};

// How much room there is at a mount point; nullopt when it cannot be asked.
using SpaceOf = std::function<std::optional<Space>(const std::string& mount_point)>;
std::optional<Space> space_of(const std::string& mount_point);

class FilesystemSource final : public Source {
public:
    FilesystemSource(std::string host, Roots roots, SpaceOf space = space_of)
        : host_(std::move(host)), roots_(std::move(roots)), space_(std::move(space)) {}

    void write_entities(Recorder& recorder, const Moment& now) override;

private:
    struct Mount {
        std::string device, point, type;
        bool read_only;
    };
    std::vector<Mount> read_mounts();
    void write_mount(Recorder& recorder, const Mount& mount, const Space& space, const Moment& now);

    std::string host_;
    Roots roots_;
    SpaceOf space_;
    std::string text_;
};

}  // namespace atlas::collect
