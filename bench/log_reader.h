// SPDX-License-Identifier: Apache-2.0
//
// A follower of the log that keeps nothing: what it costs the primary to send it everything.
//
//     slot of its own → StreamReader → [LogReader]
//
// Lifetime   from construction to destruction it follows the log; the server outlives it.
// Threading  the benchmark's.
#pragma once

#include <memory>
#include <string>

#include "base/lsn.h"
#include "bench/server.h"

namespace atlas::bench {

class LogReader {
public:
    // `name` tells the followers of a process apart. Blocks until it follows; throws
    // std::runtime_error.
    LogReader(const Server& server, const std::string& name);
    ~LogReader();
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;

    // Blocks until everything before `lsn` has come.
    void await(Lsn lsn, double seconds) const;
    // Rows of observations so far.
    std::int64_t rows() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace atlas::bench
