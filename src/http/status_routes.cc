// SPDX-License-Identifier: Apache-2.0
#include "http/status_routes.h"

#include <chrono>
#include <mutex>

#include "base/json_writer.h"
#include "base/version.h"
#include "model/entity_store.h"

namespace atlas::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFresh{1};
constexpr std::chrono::milliseconds kPatience{500};  // for a session; an answer matters more

void write_part(JsonWriter& json, const StatusPart& part) {
    json.begin_object().key("name").value(part.name).key("state").value(part.state);
    json.key("position");
    part.position ? json.value(to_string(*part.position)) : json.null();
    json.key("lag_seconds");
    part.lag_seconds ? json.value(*part.lag_seconds) : json.null();
    json.key("rate");
    part.rate ? json.value(*part.rate) : json.null();
    json.key("rate_unit");
    part.rate_unit.empty() ? json.null() : json.value(part.rate_unit);
    if (!part.detail.empty()) json.key("detail").value(part.detail);
    json.end_object();
}

class Status {
public:
    Status(pg::Pool& pool, const WriteMeter& writes, const observe::RateMeter& reads,
           const Readiness& readiness, StatusOptions options)
        : pool_(pool),
          writes_(writes),
          reads_(reads),
          readiness_(readiness),
          options_(std::move(options)) {}

    Response answer() {
        const std::scoped_lock lock(mutex_);
        if (body_.empty() || Clock::now() - measured_ >= kFresh) measure();
        return {.body = body_};
    }

private:
    StatusPart gateway() const {
        return {.name = "gateway",
                .state = readiness_.ready() ? "running" : "draining",
                .position = std::nullopt,
                .lag_seconds = std::nullopt,
                .rate = writes_.points_per_second(),
                .rate_unit = "data_points",
                .detail = {}};
    }

    // The primary is what lag is measured against: none of its own.
    StatusPart primary() {
        StatusPart part{.name = "primary",
                        .state = "unreachable",
                        .position = std::nullopt,
                        .lag_seconds = std::nullopt,
                        .rate = reads_.per_second(),
                        .rate_unit = "answers",
                        .detail = {}};
        auto connection = pool_.acquire(kPatience);
        if (!connection) {
            part.detail = connection.error().message;
            return part;
        }
        const auto position = model::log_position(**connection);
        if (!position) {
            part.detail = position.error().message;
            return part;
        }
        part.state = "serving";
        part.position = *position;
        part.lag_seconds = 0.0;
        return part;
    }

    void measure() {
        body_.clear();
        JsonWriter json(body_);
        json.begin_object().key("version").value(version());
        json.key("started_at").value(started_);
        json.key("uptime_seconds").value(std::chrono::duration<double>(now() - started_).count());
        json.key("ready").value(readiness_.ready());
        json.key("roles").begin_array();
        write_part(json, gateway());
        for (const auto& role : options_.roles) write_part(json, role());
        json.end_array().key("sources").begin_array();
        write_part(json, primary());
        for (const auto& source : options_.sources) write_part(json, source());
        json.end_array().key("ingest").begin_object();
        json.key("points_per_second").value(writes_.points_per_second());
        json.key("accepted_points").value(writes_.accepted_points()).end_object();
        json.end_object();
        measured_ = Clock::now();
    }

    pg::Pool& pool_;
    const WriteMeter& writes_;
    const observe::RateMeter& reads_;
    const Readiness& readiness_;
    const StatusOptions options_;
    const Time started_ = now();
    std::mutex mutex_;
    std::string body_;
    Clock::time_point measured_;
};

}  // namespace

std::vector<Route> status_routes(pg::Pool& pool, const WriteMeter& writes,
                                 const observe::RateMeter& reads, const Readiness& readiness,
                                 StatusOptions options) {
    auto status = std::make_shared<Status>(pool, writes, reads, readiness, std::move(options));
    return {{.method = "GET",
             .pattern = "/v1/status",
             .scope = Scope::read,
             .parameters = {},
             .handler = [status](const Request&) { return status->answer(); }}};
}

}  // namespace atlas::http
