// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/status.h"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/json_writer.h"
#include "base/version.h"
#include "catalog/server_check.h"
#include "http/server/workers.h"

namespace atlas::http {
namespace {

constexpr std::chrono::seconds kFresh{1};
constexpr std::chrono::milliseconds kPatience{500};  // for a session; a response matters more

double seconds(Micros time) {
    return std::chrono::duration<double>(time).count();
}

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
    if (part.retained_bytes) json.key("retained_bytes").value(*part.retained_bytes);
    if (part.target) json.key("target_seconds").value(seconds(*part.target));
    if (part.maximum) json.key("maximum_seconds").value(seconds(*part.maximum));
    if (!part.detail.empty()) json.key("detail").value(part.detail);
    json.end_object();
}

void write_slot(JsonWriter& json, const catalog::ForeignSlot& slot) {
    json.begin_object().key("name").value(slot.name).key("type").value(slot.type);
    json.key("plugin");
    slot.plugin.empty() ? json.null() : json.value(slot.plugin);
    json.key("active").value(slot.active);
    json.key("retained_bytes").value(slot.retained_bytes);
    json.key("wal_status");
    slot.wal_status.empty() ? json.null() : json.value(slot.wal_status);
    json.end_object();
}

// The stages in the status of another process, but for those that this one has.
void write_stages(JsonWriter& json, const std::optional<Response>& status) {
    if (!status || status->status != 200) return;
    boost::system::error_code error;
    const auto parsed = boost::json::parse(status->body, error);
    const auto* object = error ? nullptr : parsed.if_object();
    const auto* stages = object == nullptr ? nullptr : object->if_contains("stages");
    if (stages == nullptr || !stages->is_array()) return;
    for (const auto& stage : stages->get_array()) {
        const auto* part = stage.if_object();
        const auto* name = part == nullptr ? nullptr : part->if_contains("name");
        if (name == nullptr || *name == "ingest" || *name == "log") continue;
        json.raw(boost::json::serialize(stage));
    }
}

// The primary as a source, and what else its server says.
struct Measured {
    StatusPart part;
    std::vector<std::string> warnings;
    std::vector<catalog::ForeignSlot> slots;
};

class Status {
public:
    Status(pg::Pool& pool, const ingest::WriteMeter* writes, const observe::RateMeter& reads,
           const Readiness& readiness, const Clock& clock, StatusOptions options)
        : pool_(pool),
          writes_(writes),
          reads_(reads),
          readiness_(readiness),
          clock_(clock),
          options_(std::move(options)) {}

    Response answer(const Request& request) {
        const Measured primary = recent_primary();
        Response response;
        JsonWriter json(response.body);
        json.begin_object().key("version").value(version());
        json.key("started_at").value(started_);
        json.key("uptime_seconds").value(uptime().count());
        json.key("ready").value(readiness_.ready());
        if (!options_.psql.empty()) json.key("psql").value(options_.psql);
        json.key("roles").begin_array();
        for (const auto& role : options_.roles()) write_part(json, role);
        json.end_array().key("sources").begin_array();
        write_part(json, primary.part);
        for (const auto& source : options_.sources) write_part(json, source());
        json.end_array().key("stages").begin_array();
        for (const auto& stage : stages(primary.part)) write_part(json, stage);
        if (options_.elsewhere) write_stages(json, options_.elsewhere(request));
        json.end_array().key("warnings").begin_array();
        for (const auto& warning : primary.warnings) json.value(warning);
        json.end_array().key("slots").begin_array();
        for (const auto& slot : primary.slots) write_slot(json, slot);
        json.end_array().key("ingest").begin_object();
        json.key("points_per_second").value(points_per_second());
        json.key("accepted_points").value(writes_ == nullptr ? 0 : writes_->accepted_points());
        json.end_object();
        json.end_object();
        return response;
    }

private:
    // From the clients on: ingest, the log, and what follows it.
    std::vector<StatusPart> stages(const StatusPart& primary) const {
        std::vector<StatusPart> all;
        if (writes_ != nullptr) {
            all.push_back({.name = "ingest",
                           .state = readiness_.ready() ? "running" : "draining",
                           .rate = points_per_second(),
                           .rate_unit = "data_points"});
        }
        all.push_back({.name = "log",
                       .state = primary.state,
                       .position = primary.position,
                       .lag_seconds = primary.lag_seconds,
                       .detail = primary.detail});
        if (!options_.stages) return all;
        for (StatusPart& stage : options_.stages()) all.push_back(std::move(stage));
        return all;
    }

    double points_per_second() const {
        return writes_ == nullptr ? 0.0 : writes_->points_per_second();
    }

    std::chrono::duration<double> uptime() const { return clock_.system() - started_; }

    Measured unreachable(std::string detail) const {
        return {.part = {.name = "primary",
                         .state = "unreachable",
                         .position = std::nullopt,
                         .lag_seconds = std::nullopt,
                         .rate = reads_.per_second(),
                         .rate_unit = "answers",
                         .detail = std::move(detail)},
                .warnings = {},
                .slots = {}};
    }

    // The primary is what lag is measured against: none of its own.
    Measured measure_primary() {
        auto connection = pool_.acquire(kPatience);
        if (!connection) return unreachable(pg::describe(connection.error()));
        auto state = catalog::server_state(**connection);
        if (!state) return unreachable(pg::describe(state.error()));
        Measured measured = unreachable({});
        measured.part.state = "serving";
        measured.part.position = state->position;
        measured.part.lag_seconds = 0.0;
        measured.warnings = std::move(state->warnings);
        measured.slots = std::move(state->slots);
        return measured;
    }

    // Measured in the background, so that a silent database does not keep the status from
    // responding.
    Measured recent_primary() {
        std::unique_lock lock(mutex_);
        const auto is_recent = [this] { return primary_ && clock_.steady() - measured_ < kFresh; };
        if (!is_recent() && !measuring_) {
            measuring_ = background_.submit([this] {
                Measured measured = measure_primary();
                const std::scoped_lock finished(mutex_);
                primary_ = std::move(measured);
                measured_ = clock_.steady();
                measuring_ = false;
                changed_.notify_all();
            });
        }
        if (clock_.wait_for(changed_, lock, kPatience, is_recent)) return *primary_;
        return unreachable("the database did not respond in time");
    }

    pg::Pool& pool_;
    const ingest::WriteMeter* const writes_;
    const observe::RateMeter& reads_;
    const Readiness& readiness_;
    const Clock& clock_;
    const StatusOptions options_;
    const Time started_ = clock_.system();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Measured> primary_;
    Clock::Steady measured_;
    bool measuring_ = false;
    Workers background_{1, 1};  // last: its job uses all the others
};

}  // namespace

std::vector<Route> status_routes(pg::Pool& pool, const ingest::WriteMeter* writes,
                                 const observe::RateMeter& reads, const Readiness& readiness,
                                 const Clock& clock, StatusOptions options) {
    auto status =
        std::make_shared<Status>(pool, writes, reads, readiness, clock, std::move(options));
    return {{.method = "GET",
             .pattern = "/v1/status",
             .scope = Scope::read,
             .parameters = {},
             .handler = [status](const Request& request) { return status->answer(request); }}};
}

}  // namespace atlas::http
