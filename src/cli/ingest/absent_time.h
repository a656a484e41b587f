// SPDX-License-Identifier: Apache-2.0
//
// What becomes of records without a time, in formats where each record says its own: with --now
// they get that of the import, else each is rejected. A file whose first records all lack one is
// refused as a whole: more likely its times are elsewhere.
//
// Lifetime   one file's.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/ingest/chunk.h"

namespace atlas::cli {

class AbsentTimes {
public:
    // `what` is the name of a record's time in this format. `resumed`: the file was not refused.
    AbsentTimes(bool now, std::string what, bool resumed)
        : now_(now), what_(std::move(what)), settled_(resumed) {}

    // Whether records without a time get one.
    bool filled() const { return now_; }
    // A record with a time: the file is not refused.
    void present(const OnReject& rejected) {
        if (!settled_) settle(rejected);
    }
    // A record without a time, and no --now.
    void reject(std::uint64_t line, std::string_view input, const OnReject& rejected);
    // At the end of a chunk. Throws CommandError when no record had a time until now.
    void end_chunk() const;

private:
    void settle(const OnReject& rejected);

    const bool now_;
    const std::string what_;
    bool settled_;
    std::vector<Reject> waiting_;  // until one record has a time
};

}  // namespace atlas::cli
