// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/absent_time.h"

#include <fmt/format.h>

namespace atlas::cli {
namespace {

// Records without a time after which a file is refused, if none had one.
constexpr std::size_t kMaxWaiting = 10'000;

}  // namespace

void AbsentTimes::reject(std::uint64_t line, std::string_view input, const OnReject& rejected) {
    Reject found{
        .line = line,
        .entity = {},
        .attribute = {},
        .code = "missing_time",
        .detail = fmt::format("the record has no {}; --now gives it the time of the import", what_),
        .input = std::string(input)};
    if (settled_) {
        rejected(found);
    } else {
        waiting_.push_back(std::move(found));
        if (waiting_.size() == kMaxWaiting) end_chunk();
    }
}

void AbsentTimes::end_chunk() const {
    if (waiting_.empty()) return;
    throw CommandError(
        fmt::format("no record has a {}, from line {} on; add it, or give every record the time of "
                    "the import with --now",
                    what_, waiting_.front().line));
}

void AbsentTimes::settle(const OnReject& rejected) {
    settled_ = true;
    for (const Reject& reject : waiting_) rejected(reject);
    waiting_.clear();
}

}  // namespace atlas::cli
