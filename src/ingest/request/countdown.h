// SPDX-License-Identifier: Apache-2.0
//
// The parts of one request that have not ended, and how the request ends with the last of them. Of
// several ends the one that promises the client least is that of the request.
//
// Lifetime   part of its job.
// Threading  any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "ingest/request/write.h"

namespace atlas::ingest {

// How little a response promises: 0 for `done`, most for `unavailable`, which promises nothing.
int severity(WriteStatus status);

// How a request ended.
struct RequestEnd {
    WriteStatus status = WriteStatus::done;
    std::string detail;
    LogPosition token;  // the latest of its parts
};

class Countdown {
public:
    // How many parts there are; before the first of them can end.
    void set_parts(int parts);
    void add_part();  // one was divided in two

    // A part ended. Returns the end of the request with its last part, unless it was closed before;
    // nothing otherwise.
    std::optional<RequestEnd> part_committed(LogPosition token);
    // Nothing of the part was stored, or, with `unavailable`, that is not known.
    std::optional<RequestEnd> part_ended(WriteStatus status, std::string detail);

    // Ends the request before its parts do. True for the first end only.
    bool close();
    bool closed() const;

private:
    std::optional<RequestEnd> end_part();

    mutable std::mutex mutex_;
    int parts_ = 0;
    bool closed_ = false;
    bool committed_ = false;  // a part was
    RequestEnd end_;
};

}  // namespace atlas::ingest
