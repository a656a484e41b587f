// SPDX-License-Identifier: Apache-2.0
//
// What all reads share: the parameters of consistency, and the freshness that every response
// states.
//
//     Request → [Reading: demand] → query::Reader → JSON → [Reading: finish] → Response
//
// Lifetime   ReadContext outlives the routes; a Reading is one request's.
// Threading  one thread at a time per Reading.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/routes/recent_writes.h"
#include "http/server/handler.h"
#include "observe/rate.h"
#include "query/facets.h"
#include "query/reader.h"
#include "query/token_desk.h"

namespace atlas::http {

// The name of the live index as a source.
inline constexpr std::string_view kLiveSource = "live";

struct ReadContext {
    query::Reader& reader;
    query::TokenDesk& tokens;
    std::chrono::days max_time_range;  // of one history query of the operational sources
    Micros export_max_lag = std::chrono::minutes{15};  // of the purpose export
    observe::RateMeter served{};                       // responses that carry data, but …
    observe::RateMeter served_live{};                  // … those from the live index
    Forward forward = {};  // of series of level analytics; none: they are the reader's
    query::FacetReader* facets = nullptr;  // none: nothing is counted
    // What reads show at least, besides what they demand; none: the source decides.
    const RecentWrites* writes = nullptr;
};

// The parameters that every read takes, and `more`.
std::vector<std::string> read_parameters(std::vector<std::string> more);

class Reading {
public:
    Reading(ReadContext& context, const Request& request) : context_(context), request_(request) {}

    // Reads what the request demands of consistency; with `own_writes` at least what this gateway
    // acknowledged of the tenant. A response: the refusal to send.
    std::optional<Response> begin(bool own_writes = true);
    // The same for a read that the service makes by itself.
    void begin(const query::Demand& demand) { demand_ = demand; }

    const Request& request() const { return request_; }
    query::Reader& reader() const { return context_.reader; }
    query::FacetReader& facets() const { return *context_.facets; }
    query::TokenDesk& tokens() const { return context_.tokens; }
    std::chrono::days max_time_range() const { return context_.max_time_range; }
    const query::Demand& demand() const { return demand_; }
    std::string_view text(std::string_view parameter) const;  // empty when absent
    // Of a parameter that is true or false; absent is false. Fails with invalid_parameter.
    query::Answer<bool> flag(std::string_view parameter) const;
    // What another process responded to a series with this demand, which is for the analytics
    // store; nullopt: it is the reader's.
    std::optional<Response> forwarded(const query::Demand& demand) const;

    // Calls `ask`, which asks the reader, and takes its time.
    template <class Ask>
    auto timed(Ask ask) const {
        const auto began = std::chrono::steady_clock::now();
        auto answer = ask();
        queried_ += std::chrono::steady_clock::now() - began;
        return answer;
    }

    // Adds `_metadata`, closes the object that `json` has open, sets the headers. Where a failover
    // has lost the commit that the request demands: the refusal.
    Response finish(std::string json, const query::Snapshot& snapshot) const;

private:
    std::optional<Response> read_token();
    void add_own_writes();
    std::optional<Response> check_token(const query::Snapshot& snapshot) const;

    ReadContext& context_;
    const Request& request_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    query::Demand demand_;
    mutable std::chrono::steady_clock::duration queried_{};
    std::string_view token_;     // of the request
    std::int64_t timeline_ = 0;  // that the server wrote when the token was accepted
};

// A handler that calls begin(), then `read`, which ends with finish(); a query error becomes its
// problem.
using Read = std::function<query::Answer<Response>(const Reading&)>;
Handler read_handler(ReadContext& context, Read read);

}  // namespace atlas::http
